"""Before and after in each domain; with rivals, where every method ended."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import (
    UNBOUNDED_METRICS,
    BlendCell,
    Cell,
    Diagnosis,
    Role,
    Training,
    Verdict,
)
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around, plain_text, signed_text
from forgetscope.report.runs import Run, runs_of
from forgetscope.report.table import NO_INTERVAL, Entry
from forgetscope.report.wording import Namer

__all__ = ["Dumbbell", "DumbbellEnd", "DumbbellRow", "dumbbell"]

Side = Mapping[str, Cell | BlendCell]
"""The domains of one method, by slug."""

_WIDEST = 25.0
"""A target may gain this many points, or `_TIMES` the largest change elsewhere, before it leaves
the chart with an arrow: its gain must not flatten the losses."""

_TIMES = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DumbbellEnd:
    """Where one side stands, in points."""

    run: Run
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DumbbellRow:
    """One domain."""

    label: str
    n: str
    is_target: bool
    ends: tuple[DumbbellEnd, ...]
    """The first lies on top where marks fall together."""
    entries: tuple[Entry, ...]
    """A text for each column."""
    summary: str
    """The row in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumbbell:
    """All measured domains: scores of base and last checkpoint, or changes of several methods."""

    finding: str
    caption: str
    axis: Axis
    margin: float
    """Where the dashed line stands, a negative number of points; nan where scores are shown."""
    margin_text: str
    is_change: bool
    """Whether changes since the base are shown rather than scores."""
    runs: tuple[Run, ...]
    columns: tuple[str, ...]
    rows: tuple[DumbbellRow, ...]
    """In the order of the domain table, the targets last."""


def dumbbell(
    diagnosis: Diagnosis,
    training: Training,
    *,
    order: Sequence[str],
    name: Namer,
) -> Dumbbell | None:
    """Return the domains before and after training; `None` where none can be measured.

    Parameters
    ----------
    diagnosis
        The series of the page.
    training
        How it was made; rivals whose domains are known stand beside it.
    order
        Slugs of the domains as the page orders them.
    name
        How checkpoints are called.
    """
    if not diagnosis.comparisons:
        return None
    last = diagnosis.comparisons[-1]
    cells = {cell.name: cell for cell in last.domains if _is_shown(cell)}
    shown = [cells[slug] for slug in order if slug in cells]
    shown.sort(key=lambda cell: cell.role is Role.TARGET)
    if not shown:
        return None
    where = name(last.after)
    runs = runs_of([training.method, *(rival.method for rival in training.rivals)])
    # of several runs of one method the first is drawn: each has one column
    rivals: dict[str, dict[str, BlendCell]] = {}
    for rival in training.rivals:
        if rival.cells and rival.method != training.method:
            rivals.setdefault(rival.method, {cell.domain: cell for cell in rival.cells})
    if not rivals:
        return _scores(shown, run=runs[training.method], base=name(diagnosis.base), where=where)
    own = {cell.name: cell for cell in shown}
    sides: dict[Run, Side] = {runs[training.method]: own}
    sides |= {runs[method]: cells for method, cells in rivals.items()}
    return _changes(shown, sides, margin=diagnosis.margin)


def _is_shown(cell: Cell) -> bool:
    # a target the base cannot do has no verdict, and yet its gain is measured
    can = cell.verdict is not Verdict.CANNOT_MEASURE or cell.role is Role.TARGET
    return can and cell.metric not in UNBOUNDED_METRICS and math.isfinite(cell.change)


def _scores(cells: Sequence[Cell], *, run: Run, base: str, where: str) -> Dumbbell:
    """Return each domain's score before and after."""
    before = Run(name=base, shape="ring", tone="ink3")
    general = {cell.name: cell for cell in cells if cell.role is Role.GENERAL}
    n_forgot = _n_forgot(general, general)
    return Dumbbell(
        finding=f"General domains FORGOT at {where}: {n_forgot} of {len(general)}"
        if general
        else f"Scores at {base} and at {where}",
        caption=f"Scores in points: ring {base}, filled mark {where}.",
        axis=axis_around(
            [100 * score for cell in cells for score in (cell.before, cell.after)],
            title="score, points",
            text=plain_text,
        ),
        margin=math.nan,
        margin_text="",
        is_change=False,
        runs=(before, Run(name=where, shape=run.shape, tone=run.tone)),
        columns=("Base", "Now", "Change"),
        rows=tuple(_score_row(cell, before=before, after=run) for cell in cells),
    )


def _score_row(cell: Cell, *, before: Run, after: Run) -> DumbbellRow:
    label = wording.title(cell.name)
    entries = (
        Entry(wording.score(cell.before)),
        Entry(wording.score(cell.after)),
        _moved(cell),
    )
    return DumbbellRow(
        label=label,
        n=wording.count(cell.n),
        is_target=cell.role is Role.TARGET,
        ends=(
            DumbbellEnd(run=after, value=100 * cell.after),
            DumbbellEnd(run=before, value=100 * cell.before),
        ),
        entries=entries,
        summary=f"{label}: {entries[0].text} before, {entries[1].text} after",
    )


def _changes(cells: Sequence[Cell], sides: Mapping[Run, Side], *, margin: float) -> Dumbbell:
    """Return where every method ended in each domain, against the base."""
    runs = tuple(sides)
    rows = tuple(_change_row(cell, sides) for cell in cells)
    judged = [end.value for row in rows for end in row.ends if not row.is_target]
    widest = max([_WIDEST, *(_TIMES * abs(value) for value in judged)])
    gains = [min(end.value, widest) for row in rows for end in row.ends]
    return Dumbbell(
        finding=_finding(cells, sides),
        caption="Change since the base in points, at the last checkpoint of each method.",
        axis=axis_around(
            [0.0, -150 * margin, *judged, *gains], title="change, points", text=signed_text
        ),
        margin=-100 * margin,
        margin_text=f"margin −{wording.points(margin)}",
        is_change=True,
        runs=runs,
        columns=tuple(run.name for run in runs),
        rows=rows,
    )


def _change_row(cell: Cell, sides: Mapping[Run, Side]) -> DumbbellRow:
    label = wording.title(cell.name)
    found = {run: cells.get(cell.name) for run, cells in sides.items()}
    told = [
        f"{run.name} {wording.change(one.change)} {wording.interval(one.low, one.high)}".strip()
        for run, one in found.items()
        if one is not None
    ]
    return DumbbellRow(
        label=label,
        n=wording.count(cell.n),
        is_target=cell.role is Role.TARGET,
        ends=tuple(
            DumbbellEnd(run=run, value=100 * one.change)
            for run, one in found.items()
            if one is not None and math.isfinite(one.change)
        ),
        entries=tuple(_moved(one) for one in found.values()),
        summary=f"{label}: {', '.join(told)}",
    )


def _moved(cell: Cell | BlendCell | None) -> Entry:
    if cell is None or math.isnan(cell.change):
        return Entry(wording.UNDEFINED)
    return Entry(wording.change(cell.change), wording.interval(cell.low, cell.high) or NO_INTERVAL)


def _finding(cells: Sequence[Cell], sides: Mapping[Run, Side]) -> str:
    """Return how many general domains each method FORGOT, as a sentence without its period."""
    general = [cell.name for cell in cells if cell.role is Role.GENERAL]
    if not general:
        return "Where every method ended, domain by domain"
    counts = [f"{run.name} {_n_forgot(general, known)}" for run, known in sides.items()]
    return f"General domains FORGOT, of {len(general)}: {', '.join(counts)}"


def _n_forgot(names: Iterable[str], known: Side) -> int:
    found = (known.get(name) for name in names)
    return sum(cell is not None and cell.verdict is Verdict.FORGOT for cell in found)
