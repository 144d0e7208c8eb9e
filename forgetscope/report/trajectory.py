"""The path of each domain over the checkpoints, as small panels with one scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from forgetscope.records import UNBOUNDED_METRICS, Cell, Checkpoint, Diagnosis, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around, plain_text, round_ticks, signed_text
from forgetscope.report.chart import WIDEST_POINTS, Tick
from forgetscope.report.wording import Mark, Namer

__all__ = ["PathDot", "PathPanel", "Trajectories", "trajectories"]


_NAMED = 3
"""Domains named in the finding at most."""
_ALONG = 24
"""Letters that fit along the axis of a panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathDot:
    """One domain at one checkpoint, in points (or the unit of its metric)."""

    at: float
    """Its place along the axis of all panels."""
    change: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPanel:
    """One domain through the series."""

    label: str
    mark: Mark
    """Of its verdict at the last checkpoint."""
    remark: str
    """That it has a scale of its own, and why; empty where it shares that of most."""
    change: Axis
    pieces: tuple[tuple[PathDot, ...], ...]
    """The base first; a piece ends where a checkpoint was not measured."""
    margin: float
    """Where the dashed line stands, negative; nan for a target."""
    noise: float
    """How far noise alone moves it either way; nan where that is not known."""
    end_text: str
    """The change at the last checkpoint."""
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """All domains through the series."""

    finding: str
    """Which losses last to the end, as a sentence without its period."""
    along: Axis
    margin_text: str
    panels: tuple[PathPanel, ...]
    has_noise: bool
    """Whether a panel shows what noise alone moves."""
    has_own_margin: bool
    """Whether the dashed line of a panel is not at the general margin."""


def trajectories(
    diagnosis: Diagnosis,
    *,
    order: Sequence[str],
    checkpoints: Sequence[Checkpoint],
    name: Namer,
) -> Trajectories | None:
    """Return the paths of the domains in order; `None` below two checkpoints beyond the base."""
    if len(diagnosis.comparisons) < 2:
        return None
    by_domain = _cells(diagnosis)
    shown = [slug for slug in order if any(_is_measured(cell) for cell in by_domain[slug])]
    if not shown:
        return None
    at = _places(diagnosis, checkpoints)
    shared = _axis([by_domain[slug] for slug in shown if _is_shared(by_domain[slug])], diagnosis)
    panels = tuple(_panel(by_domain[slug], at=at, shared=shared, of=diagnosis) for slug in shown)
    return Trajectories(
        finding=_finding(diagnosis, order=order, name=name),
        along=_along(at, diagnosis, name=name),
        margin_text=f"margin −{wording.points(diagnosis.margin)}",
        panels=panels,
        has_noise=any(not math.isnan(panel.noise) for panel in panels),
        has_own_margin=any(
            math.isfinite(panel.margin) and not math.isclose(panel.margin, -100 * diagnosis.margin)
            for panel in panels
        ),
    )


def _cells(diagnosis: Diagnosis) -> dict[str, list[Cell | None]]:
    """Return each domain's cells, one per checkpoint after the base."""
    rows = [{cell.name: cell for cell in one.domains} for one in diagnosis.comparisons]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _is_measured(cell: Cell | None) -> bool:
    if cell is None or cell.verdict is Verdict.CANNOT_MEASURE:
        return False
    return math.isfinite(cell.change)


def _last(cells: Sequence[Cell | None]) -> Cell:
    """Return the latest cell there is; a domain that was never asked has no cells at all."""
    return next(cell for cell in reversed(cells) if cell is not None)


def _is_shared(cells: Sequence[Cell | None]) -> bool:
    last = _last(cells)
    return last.role is not Role.TARGET and last.metric not in UNBOUNDED_METRICS


def _places(diagnosis: Diagnosis, checkpoints: Sequence[Checkpoint]) -> tuple[float, ...]:
    """Return where base and checkpoints stand: at their steps, else one after the other."""
    labels = [diagnosis.base, *(one.after for one in diagnosis.comparisons)]
    known = {checkpoint.label: checkpoint.step for checkpoint in checkpoints}
    steps = [known.get(label) for label in labels]
    # a base without a step is where training began
    steps[0] = steps[0] or 0
    found = tuple(float(step) for step in steps if step is not None)
    if len(found) < len(labels) or any(late <= early for early, late in pairwise(found)):
        return tuple(float(place) for place in range(len(labels)))
    return found


def _along(at: Sequence[float], diagnosis: Diagnosis, *, name: Namer) -> Axis:
    last = diagnosis.comparisons[-1].after
    if at[-1] != len(at) - 1:
        return Axis(low=at[0], high=at[-1], ticks=_steps(at[0], at[-1]), title="training step")
    ends = (Tick(value=at[0], text="base"), Tick(value=at[-1], text=_brief(name(last))))
    return Axis(low=at[0], high=at[-1], ticks=ends, title="checkpoint")


def _steps(first: float, last: float) -> tuple[Tick, ...]:
    """Return both ends, and between them the round step nearest the middle that has room."""
    ends = [Tick(value=step, text=plain_text(step)) for step in (first, last)]
    inner = [step for step in round_ticks(first, last, most=6) if first < step < last]
    ticks = [Tick(value=step, text=plain_text(step)) for step in inner]
    free = [tick for tick in ticks if _has_room(tick, *ends)]
    nearest = sorted(free, key=lambda tick: abs(2 * tick.value - first - last))[:1]
    return (ends[0], *nearest, ends[1])


def _has_room(tick: Tick, first: Tick, last: Tick) -> bool:
    """Return whether a label stands free of those of both ends; the last one ends at its place."""
    letters = _ALONG / (last.value - first.value)
    half = len(tick.text) / 2 + 1
    is_free_before = letters * (tick.value - first.value) >= half + len(first.text) / 2
    return is_free_before and letters * (last.value - tick.value) >= half + len(last.text)


def _brief(text: str) -> str:
    return text if len(text) <= 18 else f"{text[:17]}…"


def _axis(rows: Sequence[Sequence[Cell | None]], of: Diagnosis) -> Axis:
    """Return the scale of all that is counted in points and could be lost."""
    cells = [cell for row in rows for cell in row if cell is not None and _is_measured(cell)]
    changes = [0.0, -150 * of.margin, *(100 * cell.change for cell in cells)]
    least, most = min(-WIDEST_POINTS, *changes), max(WIDEST_POINTS, *changes)
    ends = [100 * end for cell in cells for end in (cell.low, cell.high)]
    held = [min(max(end, least), most) for end in ends if math.isfinite(end)]
    return axis_around(
        [*changes, *held], title="change, points", most=5, pad=0.04, text=signed_text
    )


def _panel(
    cells: Sequence[Cell | None], *, at: Sequence[float], shared: Axis, of: Diagnosis
) -> PathPanel:
    last = _last(cells)
    unit = 1.0 if last.metric in UNBOUNDED_METRICS else 100.0
    pieces = _pieces(cells, at=at, unit=unit)
    label = wording.title(last.name)
    is_target = last.role is Role.TARGET
    return PathPanel(
        label=label,
        mark=wording.mark_of(last.verdict),
        remark=_remark(last),
        change=shared if _is_shared(cells) else _own_axis(pieces),
        pieces=pieces,
        margin=math.nan if is_target else -unit * _margin(last, of),
        noise=unit * last.noise_floor,
        end_text=wording.change(last.change, metric=last.metric) if _is_measured(last) else "",
        summary=_summary(label, cells, of=of),
    )


def _margin(cell: Cell, of: Diagnosis) -> float:
    return of.margin if math.isnan(cell.margin) else cell.margin


def _remark(cell: Cell) -> str:
    if cell.metric in UNBOUNDED_METRICS:
        return f"in {wording.one_line(cell.metric)}, own scale"
    return "target, own scale" if cell.role is Role.TARGET else ""


def _own_axis(pieces: Sequence[Sequence[PathDot]]) -> Axis:
    dots = [dot for piece in pieces for dot in piece]
    ends = [end for dot in dots for end in (dot.change, dot.low, dot.high)]
    return axis_around([0.0, *ends], title="change", most=5, pad=0.04, text=signed_text)


def _pieces(
    cells: Sequence[Cell | None], *, at: Sequence[float], unit: float
) -> tuple[tuple[PathDot, ...], ...]:
    """Return the path in pieces; at the base nothing has changed yet."""
    pieces = [[PathDot(at=at[0], change=0.0, low=0.0, high=0.0)]]
    for place, cell in zip(at[1:], cells, strict=True):
        if cell is None or not _is_measured(cell):
            pieces.append([])
            continue
        ends = {"change": cell.change, "low": cell.low, "high": cell.high}
        pieces[-1].append(PathDot(at=place, **{key: unit * end for key, end in ends.items()}))
    return tuple(tuple(piece) for piece in pieces if piece)


def _summary(label: str, cells: Sequence[Cell | None], *, of: Diagnosis) -> str:
    """Return first, lowest and last of a path in words; the heat table has every number."""
    pairs = zip(of.comparisons, cells, strict=True)
    known = [(one.after, c) for one, c in pairs if c is not None and _is_measured(c)]
    lowest = min(known, key=lambda pair: pair[1].change)
    told = {"first": known[0], "lowest": lowest, "last": known[-1]}
    parts = [
        f"{word} {wording.change(c.change, metric=c.metric)} "
        f"{wording.interval(c.low, c.high, metric=c.metric)} at {wording.one_line(after)}"
        for word, (after, c) in told.items()
    ]
    return f"{label}: {'; '.join(parts)}"


def _finding(diagnosis: Diagnosis, *, order: Sequence[str], name: Namer) -> str:
    last = diagnosis.comparisons[-1]
    general = {cell.name for cell in last.domains if cell.role is Role.GENERAL}
    courses = [course for course in diagnosis.courses if course.domain in general]
    if not courses:
        return f"The change of every domain up to {name(last.after)}"
    onsets = {c.domain: name(c.onset) for c in courses if c.onset is not None}
    if not onsets:
        return f"No proved loss of a general domain lasts to {name(last.after)}"
    lost = [f"{wording.title(slug)} from {onsets[slug]}" for slug in order if slug in onsets]
    return f"Proved losses that last: {', '.join(_first(lost))}"


def _first(names: Sequence[str]) -> Iterator[str]:
    yield from names[:_NAMED]
    if len(names) > _NAMED:
        yield f"and {len(names) - _NAMED} more"
