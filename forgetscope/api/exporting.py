"""stub"""

EXPORTS = ()


class ExportRequest: ...


def export(): ...
