"""The chart model: what is drawn, with every word, digit, order, tick and bin already decided.

The backends (page, picture, terminal, Markdown) read it and only draw; so they cannot disagree.
Values named `_points` are 100 times a share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from forgetscope.records import UNBOUNDED_METRICS, Cell, Purpose, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.wording import Chip, Mark

__all__ = ["ForestRow", "Scale", "Tick", "forest_row", "forest_scale", "nice_ticks"]

WIDEST_POINTS = 25.0
"""Intervals beyond this are drawn with an arrow at the edge: one wild row must not flatten all."""

_PURPOSES: dict[Purpose | None, tuple[str, ...]] = {
    Purpose.HELD_OUT: ("held-out",),
    None: ("dev and held-out tasks",),
}
"""What is said of a row whose tasks are not all there to choose recipes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on a scale."""

    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The one horizontal scale of all forest rows, in points."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    margin: float
    """Where the dashed line stands, a negative number of points."""
    margin_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One domain or task: its numbers as text, and where its mark stands."""

    name: str
    """Slug as recorded; filters and file rows use it."""
    label: str
    role: Role
    n: str
    before: str
    after: str
    change: str
    interval: str
    chance: str
    p_value: str
    before_share: float
    chance_share: float
    """Mean scores of the base and of a guesser, shares."""
    change_points: float
    low_points: float
    high_points: float
    is_drawn: bool
    """Whether there is a mark; what is not measured, or not in points, has its words instead."""
    is_held_alone: bool
    """Whether its own interval proves that it held: what a gate that requires proof asks for."""
    mark: Mark
    words: str
    """What the verdict means here, for a person."""
    chips: tuple[Chip, ...]
    margin_points: float
    """Where the dashed line of this row stands, negative; nan where the general margin holds."""
    noise_points: float
    """How far reruns and single steps move a score either way; nan where neither is known."""
    remarks: tuple[str, ...]
    """What is special about this row: its own margin, its weights, missing items, and where the
    gate, which reads a row's interval alone, is surer of it than the table."""
    lost: int
    gained: int
    lost_share: float
    gained_share: float
    """Lost and gained items as shares of the paired items, 0 to 1."""
    expected_share: float
    """What asking the base again would lose, and gain, by itself; of domains, nan where unknown."""
    summary: str
    """The whole row as one sentence, for those who do not see the chart."""
    tasks: tuple[ForestRow, ...] = field(default=())


def forest_row(
    cell: Cell, *, label: str, tasks: Iterable[ForestRow] = (), margin: float = math.nan
) -> ForestRow:
    """Return the row of one cell under the name `label`.

    Parameters
    ----------
    cell
        What was measured.
    label
        The name people see.
    tasks
        The rows below it.
    margin
        The margin of most rows, a share; a row with another one says so.
    """
    mark = wording.mark_of(cell.verdict)
    measured = cell.verdict is not Verdict.CANNOT_MEASURE and cell.metric not in UNBOUNDED_METRICS
    return ForestRow(
        name=cell.name,
        label=label,
        role=cell.role,
        n=wording.count(cell.n),
        before=wording.score(cell.before, metric=cell.metric),
        after=wording.score(cell.after, metric=cell.metric),
        change=wording.change(cell.change, metric=cell.metric),
        interval=wording.interval(cell.low, cell.high, metric=cell.metric),
        chance=wording.score(cell.chance),
        p_value=wording.p_value(cell.p_value),
        before_share=cell.before,
        chance_share=cell.chance,
        change_points=100 * cell.change,
        low_points=100 * cell.low,
        high_points=100 * cell.high,
        is_drawn=measured and not math.isnan(cell.change + cell.low + cell.high),
        is_held_alone=cell.is_held_alone,
        mark=mark,
        words=wording.verdict_words(cell),
        chips=tuple(wording.ADJUNCTS[adjunct] for adjunct in cell.adjuncts),
        margin_points=-100 * cell.margin if _has_own_margin(cell, margin) else math.nan,
        noise_points=100 * cell.noise_floor,
        remarks=tuple(_remarks(cell, margin)),
        lost=cell.lost,
        gained=cell.gained,
        lost_share=_share(cell.lost, cell.n),
        gained_share=_share(cell.gained, cell.n),
        expected_share=_expected(cell),
        summary=_summary(cell, label),
        tasks=tuple(tasks),
    )


def forest_scale(rows: Sequence[ForestRow], *, margin: float) -> Scale:
    """Return the scale that holds zero, the margin (a share) and what was lost.

    It holds every change of a domain that is no target, the margins that rows have of their own,
    and every end of an interval or of the noise within `WIDEST_POINTS`. What lies beyond
    ends in an arrow: the large gain of a target must not flatten the losses that the page is about.
    """
    drawn = [row for row in rows if row.is_drawn]
    judged = [row.change_points for row in drawn if row.role is not Role.TARGET]
    own = [row.margin_points for row in drawn if not math.isnan(row.margin_points)]
    changes = [0.0, -150 * margin, *judged, *own]
    least, most = min(-WIDEST_POINTS, *changes), max(WIDEST_POINTS, *changes)
    ends = changes + [end for row in drawn for end in (row.low_points, row.high_points)]
    ends += [end for row in drawn for end in (-row.noise_points, row.noise_points)]
    held = [min(max(end, least), most) for end in ends if not math.isnan(end)]
    values = nice_ticks(min(held), max(max(held), 1.0))
    return Scale(
        low=values[0],
        high=values[-1],
        ticks=tuple(Tick(value=value, text=_tick_text(value)) for value in values),
        margin=-100 * margin,
        margin_text=f"margin −{wording.points(margin)}",
    )


def nice_ticks(low: float, high: float, *, most: int = 8) -> tuple[float, ...]:
    """Return at most `most` round numbers, evenly spaced, that enclose `low` and `high`.

    >>> nice_ticks(-10.8, 12.4)
    (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0, 16.0)
    """
    for step in (0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 10.0, 20.0):
        first, last = math.floor(low / step), math.ceil(high / step)
        if last - first < most:
            return tuple(step * place for place in range(first, last + 1))
    return (low, high)


def _has_own_margin(cell: Cell, margin: float) -> bool:
    return not math.isnan(cell.margin + margin) and not math.isclose(cell.margin, margin)


def _remarks(cell: Cell, margin: float) -> Iterator[str]:
    yield from _PURPOSES.get(cell.purpose, ())
    if _has_own_margin(cell, margin):
        unit = "points" if cell.metric not in UNBOUNDED_METRICS else wording.one_line(cell.metric)
        yield f"own margin: {wording.score(cell.margin, metric=cell.metric)} {unit}"
    if cell.weighting == "tasks":
        yield "each task weighs the same"
    elif cell.weighting == "bytes":
        yield "longer texts weigh more"
    elif cell.weighting != "items":
        yield "tasks weighed by the policy"
    if cell.is_held_alone and cell.verdict in (Verdict.UNDECIDED, Verdict.SLIPPED):
        low, high = cell.unadjusted_low, cell.unadjusted_high
        yield f"held at the gate’s level: {wording.interval(low, high, metric=cell.metric)}"
    # a task knows only how many items its domain has
    if cell.name == cell.domain and cell.stopped_of is not None:
        yield wording.stopped(cell)
    if cell.n_missing:
        yield f"{wording.count(cell.n_missing)} items have a score on one side only"


def _tick_text(value: float) -> str:
    if value == 0:
        return "0"
    return ("+" if value > 0 else "−") + f"{abs(value):g}"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _expected(cell: Cell) -> float:
    floors = cell.findings.noise
    if floors is None or cell.name != cell.domain:
        return math.nan
    # of the items that change sides in a rerun, half are lost
    return floors.rerun / 2


def _summary(cell: Cell, label: str) -> str:
    """Return the row as a sentence, all four item counts included."""
    if cell.verdict is Verdict.CANNOT_MEASURE:
        return f"{label}: cannot be measured, {wording.verdict_words(cell)}"
    if cell.metric in UNBOUNDED_METRICS:
        return f"{label}: {cell.verdict}, {wording.verdict_words(cell)}"
    return (
        f"{label}: {cell.verdict}, {wording.change(cell.change)} points "
        f"{wording.interval(cell.low, cell.high)}, from {wording.score(cell.before)} to "
        f"{wording.score(cell.after)}; of {wording.count(cell.n)} items "
        f"{wording.count(cell.lost)} lost, {wording.count(cell.gained)} gained, "
        f"{wording.count(cell.retained)} retained, {wording.count(cell.unsolved)} unsolved"
        f"{_noise_words(cell)}"
    )


def _noise_words(cell: Cell) -> str:
    if math.isnan(cell.noise_floor):
        return ""
    return f"; noise alone moves it by up to {wording.points(cell.noise_floor)} points"
