"""`forgetscope doctor`: what would fail and what it would cost, before any compute is spent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.asking import (
    DataOption,
    DtypeOption,
    EngineOption,
    LimitOption,
    SuiteOption,
    TasksOption,
    TemplateOption,
)
from forgetscope.cli.options import MarginOption

if TYPE_CHECKING:
    from forgetscope.api import Checkup
    from forgetscope.api.checkup import Finding, TaskCost

__all__ = ["doctor"]

SCHEMA = "forgetscope.doctor/1"

_HEAD = ("", "items", "requests", "tokens read", "written at most", "provable", "holdable")

Checkpoints = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CHECKPOINT",
        help="As `forgetscope eval` takes them; without any, the tasks alone are examined.",
    ),
]
StudyOption = Annotated[
    Path, typer.Option("--out", metavar="STUDY", help="Folder that the study would be in.")
]


def doctor(
    checkpoints: Checkpoints = None,
    *,
    suite: SuiteOption = None,
    tasks: TasksOption = None,
    limit: LimitOption = None,
    margin: MarginOption = None,
    out: StudyOption = Path("study"),
    engine: EngineOption = "hf",
    dtype: DtypeOption = "auto",
    chat_template: TemplateOption = False,
    data_dir: DataOption = None,
) -> None:
    """Tell, before any compute, all that would fail, the cost, and what could be proved.

    Exit 0: all can run; 4: something is missing; 2: the call or its configuration is wrong.

    Example: forgetscope doctor base runs/grpo --suite offline --out study
    """
    from forgetscope import api
    from forgetscope.cli.lines import print_json
    from forgetscope.cli.talk import talk
    from forgetscope.cli.units import names, parse_margin

    request = api.EvaluationRequest(
        suite=suite,
        tasks=names(tasks),
        limit=limit,
        engine=engine,
        dtype=dtype,
        chat_template=chat_template,
        data_dir=data_dir,
    )
    policy = api.settled(None, margin=parse_margin(margin)).policy
    found = api.examine(checkpoints or (), out, request=request, policy=policy)
    if talk().is_json:
        print_json(_content(found))
    else:
        _show(found)
    raise typer.Exit(found.exit_code)


def _content(found: Checkup) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "exit_code": found.exit_code,
        "findings": [asdict(finding) for finding in found.findings],
        "tasks": [asdict(cost) for cost in found.costs],
        "domains": [asdict(row) for row in found.reach],
        "fetched": list(found.fetched),
        "refused": found.refused,
        "checkpoints": found.n_checkpoints,
    }


# ---- what is shown -------------------------------------------------------------------


def _show(found: Checkup) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import Table, print_coloured, print_lines, show_table
    from forgetscope.cli.talk import talk

    if talk().quiet:
        print_lines([_verdict(found)])
        return
    print_coloured(line for finding in found.findings for line in _lines(finding))
    if found.costs:
        print_lines([""])
        show_table(
            Table(
                head=[*_HEAD],
                rows=list(_cost_rows(found)),
                left=(0,),
            )
        )
    print_lines(["", _verdict(found)])
    for note in _notes(found):
        say(f"note: {note}")


def _lines(finding: Finding) -> Iterator[tuple[str, str]]:
    from forgetscope.report.wording import one_line

    tones = {"ok": "", "warn": "undecided", "fail": "loss"}
    text = f"{finding.state:<4}  {finding.check}: {one_line(finding.subject)}: "
    yield text + one_line(finding.what), tones[finding.state]
    if finding.hint:
        yield f"      hint: {one_line(finding.hint)}", ""


def _cost_rows(found: Checkup) -> Iterator[list[str]]:
    reach = {row.name: (row.detectable, row.holdable) for row in found.reach}
    by_domain: dict[str, list[TaskCost]] = {}
    for cost in found.costs:
        by_domain.setdefault(cost.domain, []).append(cost)
    for domain, costs in by_domain.items():
        losses = reach.get(domain, (math.nan, math.nan))
        cells = ["" if math.isnan(loss) else f"{100 * loss:.1f}" for loss in losses]
        yield [domain, *_sums(costs), *cells]
    yield ["all", *_sums(found.costs), "", ""]


def _sums(costs: Sequence[TaskCost]) -> list[str]:
    counts = (
        sum(cost.items for cost in costs),
        sum(cost.requests for cost in costs),
        sum(cost.tokens_read for cost in costs),
        sum(cost.tokens_written for cost in costs),
    )
    return [f"{count:,}" for count in counts]


def _verdict(found: Checkup) -> str:
    failed = [finding for finding in found.findings if finding.state == "fail"]
    warned = sum(finding.state == "warn" for finding in found.findings)
    words = f"{warned} warning{'' if warned == 1 else 's'}"
    if not failed:
        return f"all can run; {words}"
    start = f"{len(failed)} problem{'' if len(failed) == 1 else 's'}, {words}"
    if not found.refused:
        return start
    names = ", ".join(list(found.refused)[:5])
    more = len(found.refused) - 5
    return f"{start}; without {names}{f' and {more} more' if more > 0 else ''} the tasks can run"


def _notes(found: Checkup) -> Iterator[str]:
    from forgetscope.api.checkup import ASSUMED_DISCORDANCE

    if found.costs:
        yield (
            f"costs are of one checkpoint of {found.n_checkpoints}; tokens read are estimated, and "
            "what the texts of a task begin with in common is read once"
        )
        yield (
            "provable is the smallest loss that the items prove, holdable the smallest margin that "
            f"they prove held, in points, if {100 * ASSUMED_DISCORDANCE:.0f} % of them change sides"
        )
    if found.fetched:
        yield f"not counted, as something would be fetched for them: {', '.join(found.fetched)}"
