"""`forgetscope blend`: the remedy that needs no training."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.asking import (
    AllowCodeOption,
    CapOption,
    DataOption,
    DtypeOption,
    LimitOption,
    SuiteOption,
    SystemOption,
    TagsOption,
    TargetOption,
    TasksOption,
    TemperatureOption,
    TemplateOption,
    ThinkingOption,
    TopOption,
)
from forgetscope.cli.gate import Requirement
from forgetscope.cli.options import MarginOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forgetscope.api import Blended
    from forgetscope.cli.lines import Table
    from forgetscope.records import BlendCurve, BlendPoint
    from forgetscope.suites import Require

__all__ = ["blend", "show_blend"]

SCHEMA = "forgetscope.blend/1"


def blend(
    base: Annotated[
        str, typer.Argument(metavar="BASE", help="Folder of the checkpoint before training.")
    ],
    after: Annotated[
        str,
        typer.Argument(
            metavar="AFTER", help="Folder of the trained one, or of a LoRA adapter of the base."
        ),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder for checkpoint, studies and report."),
    ],
    suite: SuiteOption = None,
    tasks: TasksOption = None,
    limit: LimitOption = None,
    target: TargetOption = None,
    margin: MarginOption = None,
    require: Annotated[
        Requirement, typer.Option("--require", help="What general domains must be shown to be.")
    ] = Requirement.NOT_FORGOT,
    data_dir: DataOption = None,
    allow_code: AllowCodeOption = False,
    chat_template: TemplateOption = False,
    system: SystemOption = None,
    thinking: ThinkingOption = None,
    think_tags: TagsOption = None,
    max_new_tokens: CapOption = None,
    temperature: TemperatureOption = None,
    top_p: TopOption = None,
    dtype: DtypeOption = "auto",
    seed: Annotated[
        int,
        typer.Option(
            "--seed", min=0, metavar="N", help="Of the items that choose and those that judge."
        ),
    ] = 0,
) -> None:
    """Interpolate the weights of two checkpoints: keep the gain, give back what was forgotten.

    Half of the items choose the blend with the largest gain on the target that forgets nothing; the
    other half judges it: exit 0 passed, 1 forgot, 5 not proved. Run again, it goes on.

    Example: forgetscope blend base runs/grpo/checkpoint-80 --suite small --target math --out blend
    """
    from forgetscope import api
    from forgetscope.cli.console import say
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.units import closed_tags, names, parse_margin, parse_switch, text_of

    request = api.BlendRequest(
        evaluation=api.EvaluationRequest(
            suite=suite,
            tasks=names(tasks),
            limit=limit,
            target=target,
            dtype=dtype,
            chat_template=chat_template,
            system=text_of(system, option="--system"),
            thinking=parse_switch(thinking, option="--thinking"),
            think_tags=closed_tags(think_tags),
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_p=top_p,
            data_dir=data_dir,
            allow_code=allow_code,
            command=shlex.join(["forgetscope", *sys.argv[1:]]),
        ),
        margin=parse_margin(margin),
        require=require.value,
        seed=seed,
    )
    with show_progress() as progress:
        found = api.blend(base, after, out, request=request, progress=progress)
    show_blend(found)
    if found.checkpoint is not None:
        say(f"the blend is in {found.checkpoint}")
    say(f"open {out / 'report' / 'report.html'}")
    raise typer.Exit(found.gate.exit_code)


def show_blend(found: Blended) -> None:
    """Show the curve of a search, and what the items kept back say of the chosen blend."""
    from forgetscope.cli.console import warn
    from forgetscope.cli.lines import print_json, print_lines, show_table
    from forgetscope.cli.talk import talk
    from forgetscope.report.wording import one_line

    if talk().is_json:
        print_json(_content(found))
    elif talk().quiet:
        print_lines([_gate_line(found)])
    else:
        show_table(_table(found))
        print_lines(_verdict(found))
    for warning in found.gate.warnings:
        warn(one_line(warning))


def _content(found: Blended) -> dict[str, object]:
    """Return the search and its verdict for other programs: shares, not points."""
    from forgetscope.report.json_values import json_value

    return {
        "schema": SCHEMA,
        "checkpoint": None if found.checkpoint is None else str(found.checkpoint),
        "curve": json_value(found.curve),
        "gate": json_value(found.gate),
    }


def _table(found: Blended) -> Table:
    """Return the curve, a row for each blend."""
    from forgetscope.cli.lines import Table
    from forgetscope.records import Role

    curve = found.curve
    targets = [cell.domain for cell in curve.points[-1].cells if cell.role is Role.TARGET]
    return Table(
        head=("share", *targets, "worst general domain", "items", "as the search saw it"),
        rows=[
            (f"{point.share:g}", *_changes(point, targets), *_worst(point), _remark(point, curve))
            for point in curve.points
        ],
        left=(1 + len(targets), 3 + len(targets)),
    )


def _changes(point: BlendPoint, domains: Sequence[str]) -> list[str]:
    from forgetscope.report import wording

    known = {
        cell.domain: wording.change(cell.change, metric=cell.metric)
        for cell in point.cells
        if cell.n
    }
    return [known.get(domain, wording.UNDEFINED) for domain in domains]


def _worst(point: BlendPoint) -> tuple[str, str]:
    """Return the general domain that lost most, and on how many items that was seen."""
    from forgetscope.diagnosis.blending import worst_of
    from forgetscope.report import wording

    worst = worst_of(point)
    if worst is None:
        return wording.UNDEFINED, "0"
    mark = wording.mark_of(worst.verdict)
    moved = wording.change(worst.change, metric=worst.metric)
    return f"{mark.glyph} {worst.domain}: {mark.word} {moved}", wording.count(worst.n)


def _remark(point: BlendPoint, curve: BlendCurve) -> str:
    ends = {0.0: "base", 1.0: curve.after}
    words = [ends[point.share]] if point.share in ends else []
    if point.share == curve.chosen:
        words.append("chosen")
    elif point.reason:
        words.append(point.reason + (", so it was stopped" if point.was_stopped else ""))
    elif not words:
        words.append("allowed")
    return ", ".join(words)


def _gate_line(found: Blended) -> str:
    from forgetscope.report.wording import one_line

    state = "passed" if found.gate.passed else "failed"
    return one_line(f"gate {state}: {found.gate.reason}")


def _verdict(found: Blended) -> list[str]:
    """Return what the kept-back items say of the chosen blend."""
    from forgetscope.cli.gate import gate_line

    lines = ["", _gate_line(found)]
    if found.checkpoint is not None:
        lines[0] = "on the items kept back:"
    cells = (*found.target, *found.general)
    require: Require = "held" if found.curve.require == "held" else "not-forgot"
    return lines + [gate_line(cell, require=require) for cell in cells]
