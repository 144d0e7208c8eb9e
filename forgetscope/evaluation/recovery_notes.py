"""What a person is told of the recovery probe, checkpoint by checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.evaluation.elicitation import Drawn
from forgetscope.evaluation.probes import Probe, TaskProbes
from forgetscope.records import OutputType, ProbeKind, ProbeResult, Task

__all__ = ["AskedAgain", "came_back", "left_out"]

_HELP = {ProbeKind.EXAMPLES: "behind examples", ProbeKind.PREFIX: "with the answer begun"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """One task with the items that are asked again."""

    task: Task
    drawn: Drawn
    maker: TaskProbes
    probes: tuple[Probe, ...]


def came_back(
    label: str, tasks: Sequence[AskedAgain], results: Sequence[ProbeResult]
) -> tuple[str, ...]:
    """Say in one line per kind how many items came back, and what the controls did."""
    lost = {item.id for each in tasks for item in each.drawn.lost}
    control = {item.id for each in tasks for item in each.drawn.control}
    kept = {item.id for each in tasks for item in each.drawn.kept}
    lines = []
    for kind in ProbeKind:
        right = {result.item_id: result.value == 1.0 for result in results if result.kind is kind}
        if lost & right.keys():
            lines.append(
                f"`{label}` asked again {_HELP[kind]}: {_count(right, lost)} lost items came back; "
                f"of those wrong both times {_count(right, control)} came right, of those right "
                f"both times {_count(right, kept)} stayed right"
            )
    return tuple(lines) if lost else (f"`{label}` lost no item: nothing was asked again",)


def _count(right: Mapping[str, bool], items: Collection[str]) -> str:
    asked = [right[item] for item in items if item in right]
    return f"{sum(asked):,} of {len(asked):,}"


def left_out(label: str, tasks: Sequence[AskedAgain], *, n_failed: int) -> tuple[str, ...]:
    """Say what could not be asked."""
    notes = []
    alone = [each.task.name for each in tasks if each.drawn.lost and not each.probes]
    if alone:
        notes.append(f"the base was right on nothing else that could help: {', '.join(alone)}")
    bare = [
        each.task.name
        for each in tasks
        if each.drawn.lost
        and each.task.output_type is OutputType.GENERATE
        and each.maker.prefix is None
    ]
    if bare:
        notes.append(f"no words lead to the base's answers, so none were put in: {', '.join(bare)}")
    if n_failed:
        notes.append(f"`{label}` could not answer {n_failed:,} questions that were asked again")
    return tuple(notes)
