"""`forgetscope gate`: an exit code for pipelines."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from forgetscope.cli.complete import complete_domains
from forgetscope.cli.options import MarginOption, PolicyOption, StudyArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forgetscope.records import Cell, Diagnosis
    from forgetscope.suites import PolicyFile, Require

__all__ = ["Requirement", "gate", "gate_line"]

_VERDICTS = (1, 5)
"""The exit codes that say what was found, not that something broke."""


class _Judged(TypedDict):
    policy: PolicyFile
    require: Require
    domains: Sequence[str] | None


class Requirement(StrEnum):
    """What the gate asks for."""

    NOT_FORGOT = "not-forgot"
    """Pass unless something is proven lost."""
    HELD = "held"
    """Pass only if every domain is proven held."""


def gate(
    study: StudyArgument,
    *,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    require: Annotated[
        Requirement | None,
        typer.Option(
            "--require", help="What has to be shown. Default: the policy's, or not-forgot."
        ),
    ] = None,
    domains: Annotated[
        str | None,
        typer.Option(
            "--domains",
            metavar="A,B",
            help="Judge these domains only.",
            autocompletion=complete_domains,
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 instead of 1 or 5, to look without failing.")
    ] = False,
) -> None:
    """Judge the last checkpoint of a study: exit 0 passed, 1 forgot, 5 not proved.

    Example: forgetscope gate study --margin 2pp --require held
    """
    from forgetscope import api
    from forgetscope.cli.console import warn
    from forgetscope.cli.github import in_workflow, tell_workflow
    from forgetscope.cli.show import deliver
    from forgetscope.cli.talk import reads_lines
    from forgetscope.cli.units import names, parse_margin
    from forgetscope.report.wording import one_line

    wanted = names(domains) or None
    share = parse_margin(margin)
    with api.Study(study) as opened:
        file = opened.settled(policy, margin=share)
        asked = require.value if require else file.require or "not-forgot"
        how: _Judged = {"policy": file, "require": asked, "domains": wanted}
        # a view takes longer, as it reads the answers that were lost
        shown = opened.shown(**how) if in_workflow() or not reads_lines() else None
        diagnosis = shown.diagnosis if shown else opened.diagnose(**how)
        checkpoints = opened.checkpoints
    if shown and not reads_lines():
        deliver(shown, require=asked, domains=wanted)
    else:
        _show(diagnosis, require=asked, domains=wanted)
    if shown and in_workflow():
        page = study / "report" / "report.html"
        tell_workflow(shown, checkpoints=checkpoints, report=page, domains=wanted)
    result = diagnosis.gate
    for warning in result.warnings:
        warn(one_line(warning))
    raise typer.Exit(0 if exit_zero and result.exit_code in _VERDICTS else result.exit_code)


def _show(diagnosis: Diagnosis, *, require: Require, domains: Sequence[str] | None) -> None:
    """Show the verdict, then a line for each domain that was judged."""
    from forgetscope.cli.lines import print_coloured
    from forgetscope.cli.talk import talk
    from forgetscope.diagnosis import gate_rows
    from forgetscope.report.wording import mark_of, one_line

    result = diagnosis.gate
    rows = gate_rows(diagnosis.comparisons[-1], domains) if diagnosis.comparisons else ()
    verdict = one_line(f"gate {'passed' if result.passed else 'failed'}: {result.reason}")
    print_coloured([(verdict, "")])
    if not talk().quiet:
        print_coloured((gate_line(r, require=require), mark_of(r.verdict).tone) for r in rows)


def gate_line(row: Cell, *, require: Require) -> str:
    """Return what the gate saw of one domain: verdict, change, interval, margin, what is missing.

    Where proof is asked for, the interval is that of the domain alone: its lower end decides.
    """
    from forgetscope.diagnosis import held_at_gate
    from forgetscope.records import UNBOUNDED_METRICS, Verdict
    from forgetscope.report import wording

    mark = wording.mark_of(row.verdict)
    start = f"{mark.glyph} {wording.one_line(row.name)}: {mark.word}"
    if row.verdict is Verdict.CANNOT_MEASURE:
        return f"{start} ({wording.one_line(row.reason)})"
    low, high = row.low, row.high
    parts = []
    if require == "held":
        low, high = row.unadjusted_low, row.unadjusted_high
        if held_at_gate(row) and row.verdict not in (Verdict.HELD, Verdict.GAINED):
            parts.append("held at the gate's level")
    if row.needs is not None and not parts:
        parts.append(f"needs {row.needs:,} more items")
    is_bounded = row.metric not in UNBOUNDED_METRICS
    margin = f"{wording.points(row.margin)} points" if is_bounded else f"{row.margin:g}"
    change = wording.change(row.change, metric=row.metric)
    span = wording.interval(low, high, metric=row.metric)
    return ", ".join([f"{start} {change} {span}", f"margin {margin}", *parts])
