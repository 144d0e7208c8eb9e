"""`forgetscope report`: write the report of a study."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from forgetscope.cli.options import (
    Embed,
    EmbedOption,
    FiguresOption,
    MarginOption,
    OutOption,
    PolicyOption,
    RedactOption,
    StudyArgument,
    TrackOption,
)

__all__ = ["report"]

OpenOption = Annotated[
    bool, typer.Option("--open", help="Open the page in the browser when it is written.")
]


def report(
    study: StudyArgument,
    *,
    out: OutOption = None,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    embed: EmbedOption = Embed.CHANGED,
    redact: RedactOption = None,
    figures: FiguresOption = "png",
    open_page: OpenOption = False,
    track: TrackOption = None,
) -> None:
    """Write report.html, figures, report.md, results.json and the tables of a study.

    Example: forgetscope report study --out report --margin 2pp
    """
    from forgetscope import api
    from forgetscope.cli.saved import open_in_browser, say_next, say_saved
    from forgetscope.cli.show import deliver
    from forgetscope.cli.tracked import check_track, say_tracked
    from forgetscope.cli.units import parse_figures, parse_margin

    check_track(track)
    share, kinds = parse_margin(margin), parse_figures(figures)
    embedding = api.Embedding(embed=embed.value, redact_prompts=redact is not None)
    folder = study / "report" if out is None else out
    with api.Study(study) as opened:
        shown = opened.report(
            folder,
            policy=policy,
            margin=share,
            embedding=embedding,
            figures=kinds,
            command=_again(study, margin=margin, policy=policy),
        )
    deliver(shown)
    say_saved(folder, shown.view)
    say_next(shown.view, study, margin=margin, policy=policy)
    if open_page:
        open_in_browser(folder / "report.html")
    say_tracked(study, track, diagnosis=shown.diagnosis)


def _again(study: Path, *, margin: str | None, policy: Path | None) -> str:
    """Return what makes this report again; where it is written to is no part of it."""
    words = ["forgetscope", "report", str(study)]
    words += ["--margin", margin] if margin else []
    words += ["--policy", str(policy)] if policy else []
    return shlex.join(words)
