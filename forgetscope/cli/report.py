"""`forgetscope report`: write the report of a study."""

from __future__ import annotations

from forgetscope.cli.options import MarginOption, OutOption, PolicyOption, StudyArgument

__all__ = ["report"]


def report(
    study: StudyArgument,
    *,
    out: OutOption = None,
    margin: MarginOption = None,
    policy: PolicyOption = None,
) -> None:
    """Write report.html, figures, report.md, results.json and the tables of a study.

    Example: forgetscope report study --out report --margin 2pp
    """
    from forgetscope import api
    from forgetscope.cli.console import err
    from forgetscope.cli.show import show
    from forgetscope.cli.units import parse_margin

    share = parse_margin(margin)
    folder = study / "report" if out is None else out
    with api.Study(study) as opened:
        view = opened.save_report(folder, policy=policy, margin=share)
    show(view)
    err.print(f"report in {folder}", markup=False)
