"""Exporters of other packages: results in a format that this one does not know."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from forgetscope.errors import PluginError
from forgetscope.plugins import PluginKind, called, load_plugin, plugin_names

if TYPE_CHECKING:
    from forgetscope.api.study import Study

__all__ = ["Exporter", "export_by_plugin", "exporter_names"]


class Exporter(Protocol):
    """What a package registers in the group `forgetscope.exporters`."""

    def __call__(self, study: Study, out: Path) -> Iterable[Path]:
        """Write a study for another program.

        Parameters
        ----------
        study
            Open, and read only.
        out
            The folder to write into; it exists.

        Returns
        -------
        Iterable of Path
            The files that were written.
        """


def exporter_names() -> tuple[str, ...]:
    """Return the formats that other packages offer; nothing is loaded for that."""
    return plugin_names(PluginKind.EXPORTER)


def export_by_plugin(study: Study, name: str, out: Path) -> tuple[Path, ...]:
    """Write a study in the format that another package calls `name`; return the files.

    Raises
    ------
    UnknownNameError
        If no package offers that format.
    PluginError
        If the exporter cannot be loaded, fails, or names a file that it has not written.
    """
    plugin = load_plugin(PluginKind.EXPORTER, name)
    out.mkdir(parents=True, exist_ok=True)
    written = tuple(Path(path) for path in called(plugin, study, out) or ())
    for path in written:
        if not path.exists():
            raise PluginError(
                f"the exporter `{name}` of `{plugin.package}` names a file that is not there: "
                f"`{path}`"
            )
    return written
