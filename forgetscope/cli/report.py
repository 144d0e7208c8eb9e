"""`forgetscope report`: write the report of a study."""

from __future__ import annotations

from forgetscope.cli.options import (
    Embed,
    EmbedOption,
    FiguresOption,
    MarginOption,
    OutOption,
    PolicyOption,
    RedactOption,
    StudyArgument,
)

__all__ = ["report"]


def report(
    study: StudyArgument,
    *,
    out: OutOption = None,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    embed: EmbedOption = Embed.CHANGED,
    redact: RedactOption = None,
    figures: FiguresOption = "png",
) -> None:
    """Write report.html, figures, report.md, results.json and the tables of a study.

    Example: forgetscope report study --out report --margin 2pp
    """
    from forgetscope import api
    from forgetscope.cli.console import err
    from forgetscope.cli.show import show
    from forgetscope.cli.units import parse_figures, parse_margin

    share, kinds = parse_margin(margin), parse_figures(figures)
    embedding = api.Embedding(embed=embed.value, redact_prompts=redact is not None)
    folder = study / "report" if out is None else out
    with api.Study(study) as opened:
        view = opened.save_report(
            folder, policy=policy, margin=share, embedding=embedding, figures=kinds
        )
    show(view)
    if view.items is not None and view.items.warning:
        err.print(f"warning: {view.items.warning}", markup=False)
    err.print(f"report in {folder}", markup=False)
