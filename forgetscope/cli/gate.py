"""`forgetscope gate`: an exit code for pipelines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from forgetscope.cli.options import DEFAULT_MARGIN, MarginOption, StudyArgument

__all__ = ["Requirement", "gate"]


class Requirement(StrEnum):
    """What the gate asks for."""

    NOT_FORGOT = "not-forgot"
    """Pass unless something is proven lost."""
    HELD = "held"
    """Pass only if every domain is proven held."""


def gate(
    study: StudyArgument,
    *,
    margin: MarginOption = DEFAULT_MARGIN,
    require: Annotated[
        Requirement, typer.Option("--require", help="What has to be shown.")
    ] = Requirement.NOT_FORGOT,
    domains: Annotated[
        str | None,
        typer.Option("--domains", metavar="A,B", help="Judge these domains only."),
    ] = None,
) -> None:
    """Judge the last checkpoint of a study: exit 0 passed, 1 forgot, 5 not proved.

    Example: forgetscope gate study --margin 2pp --require held
    """
    from forgetscope import api
    from forgetscope.cli.console import err, out
    from forgetscope.cli.units import names, parse_margin

    with api.Study(study) as opened:
        result = opened.gate(
            margin=parse_margin(margin), require=require.value, domains=names(domains) or None
        )
    out.print(f"gate {'passed' if result.passed else 'failed'}: {result.reason}", markup=False)
    for warning in result.warnings:
        err.print(f"warning: {warning}", markup=False)
    raise typer.Exit(result.exit_code)
