"""`forgetscope view`: several studies in one page."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.options import MarginOption, PolicyOption
from forgetscope.cli.report import OpenOption

if TYPE_CHECKING:
    from forgetscope.report.studies import StudiesView
    from forgetscope.report.studies_text import Grid

__all__ = ["view"]


def view(
    studies: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY...",
            help="Folders of studies, or NAME=FOLDER. The others are set against the first.",
        ),
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write the page into.")
    ] = Path("view"),
    margin: MarginOption = None,
    policy: PolicyOption = None,
    open_page: OpenOption = False,
) -> None:
    """Compare several studies (recipes) domain by domain, in one page, with figures.

    Example: forgetscope view grpo=runs/grpo/study recap=runs/recap/study --out view
    """
    from forgetscope import api
    from forgetscope.cli.console import say, warn
    from forgetscope.cli.saved import open_in_browser
    from forgetscope.cli.units import parse_margin

    found = api.view(
        studies,
        policy=policy,
        margin=parse_margin(margin),
        out=out,
        command=shlex.join(["forgetscope", *sys.argv[1:]]),
    )
    _deliver(found)
    for warning in found.warnings:
        warn(warning)
    say(f"page in {out}: open {out / 'view.html'}")
    if open_page:
        open_in_browser(out / "view.html")


def _deliver(found: StudiesView) -> None:
    from forgetscope.cli.lines import print_lines, print_text
    from forgetscope.cli.talk import Format, talk
    from forgetscope.report.studies_text import (
        domains_grid,
        render_studies_markdown,
        studies_grid,
        versus_grid,
    )

    if talk().quiet >= 2:
        return
    if talk().form is Format.MD:
        print_text(render_studies_markdown(found))
        return
    print_lines([found.headline])
    if talk().quiet:
        return
    _show(studies_grid(found))
    _show(domains_grid(found))
    if found.versus:
        print_lines(["", found.versus.title])
        _show(versus_grid(found.versus))


def _show(grid: Grid) -> None:
    from forgetscope.cli.lines import Table, print_lines, show_table

    head, rows = grid
    print_lines([""])
    show_table(Table(head=head, rows=rows, left=range(len(head))))
