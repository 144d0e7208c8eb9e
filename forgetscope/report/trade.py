"""The trade-off: what each checkpoint gained on the target, and what that cost elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.diagnosis import trade_points
from forgetscope.diagnosis.trade import target_of
from forgetscope.records import Checkpoint, Diagnosis, TradePoint, Training
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around, signed_text
from forgetscope.report.runs import Run, runs_of
from forgetscope.report.table import NO_INTERVAL, Entry, Table, table
from forgetscope.report.wording import Namer

__all__ = ["TradeMark", "TradeOff", "TradePath", "trade_off"]


_TOLD = 3
"""Methods that the finding names; more stand in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeMark:
    """One checkpoint, in points."""

    gain: float
    general: float
    label: str
    """Short name beside the mark: the step alone, where it has one."""
    hint: str
    """The mark in words, with its intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePath:
    """One method from the base to its last checkpoint, in points."""

    run: Run
    marks: tuple[TradeMark, ...]
    """The measured checkpoints in the order of their steps; the base is none of them."""
    label: str
    """Name of the last mark: method and checkpoint."""
    gain_low: float
    gain_high: float
    general_low: float
    general_high: float
    """Intervals of the last mark; nan where they are undefined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeOff:
    """Every method in one plane: cost to the right and left, gain upwards."""

    finding: str
    target: str
    base: str
    general: Axis
    gain: Axis
    margin: float
    """Where the dashed line stands, a negative number of points."""
    margin_text: str
    paths: tuple[TradePath, ...]
    """The series of the page first."""
    runs: tuple[Run, ...]
    """Of each row of the table."""
    table: Table
    """The last checkpoint of every method."""
    note: str
    """What has to be known before a difference is believed."""
    summary: str
    """Every mark in words, for those who do not see the chart."""


def trade_off(
    diagnosis: Diagnosis,
    training: Training,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    name: Namer,
) -> TradeOff | None:
    """Return the trade-off of a series and its rivals; `None` without a measured target.

    Parameters
    ----------
    diagnosis
        The series of the page against its base.
    training
        How it was made, and its rivals.
    checkpoints
        Of the series.
    name
        How its checkpoints are called.
    """
    slug = target_of(diagnosis)
    if slug is None:
        return None
    target = wording.title(slug)
    runs = runs_of([training.method, *(rival.method for rival in training.rivals)])
    series = [(runs[training.method], trade_points(diagnosis, checkpoints), name)]
    series += [(runs[rival.method], rival.points, _rival_name) for rival in training.rivals]
    paths = [_path(run, points, target=target, name=of) for run, points, of in series]
    drawn = [path for path in paths if path is not None]
    if paths[0] is None:
        return None
    margin = -100 * diagnosis.margin
    return TradeOff(
        finding=_finding(drawn, target=target),
        target=target,
        base=name(diagnosis.base),
        general=_axis(drawn, "general", floor=1.5 * margin),
        gain=_axis(drawn, "gain", floor=0.0, title=f"{target}, change in points"),
        margin=margin,
        margin_text=f"margin −{wording.points(diagnosis.margin)}",
        paths=tuple(drawn),
        runs=tuple(run for run, points, _ in series if points),
        table=_table(series, target=target),
        note=_note(training),
        summary="; ".join(mark.hint for path in drawn for mark in path.marks),
    )


def _rival_name(label: str) -> str:
    return wording.one_line(label)


def _path(run: Run, points: Sequence[TradePoint], *, target: str, name: Namer) -> TradePath | None:
    measured = [point for point in points if math.isfinite(point.gain + point.general)]
    if not measured:
        return None
    last = measured[-1]
    return TradePath(
        run=run,
        marks=tuple(_mark(point, run=run, target=target, name=name) for point in measured),
        label=f"{run.name} · {_short(last, name)}",
        gain_low=100 * last.gain_low,
        gain_high=100 * last.gain_high,
        general_low=100 * last.general_low,
        general_high=100 * last.general_high,
    )


def _mark(point: TradePoint, *, run: Run, target: str, name: Namer) -> TradeMark:
    gain = _with_interval(point.gain, point.gain_low, point.gain_high)
    general = _with_interval(point.general, point.general_low, point.general_high)
    where = _long(point, name)
    return TradeMark(
        gain=100 * point.gain,
        general=100 * point.general,
        label=_short(point, name),
        hint=f"{run.name}, {where}: {target} {gain}, general domains {general}",
    )


def _with_interval(value: float, low: float, high: float) -> str:
    return f"{wording.change(value)} {wording.interval(low, high)}".strip()


def _long(point: TradePoint, name: Namer) -> str:
    return name(point.label) if point.step is None else f"step {wording.count(point.step)}"


def _short(point: TradePoint, name: Namer) -> str:
    return _long(point, name).removeprefix("step ")


def _finding(paths: Sequence[TradePath], *, target: str) -> str:
    """Return gain and cost of the last marks as a sentence without its period."""
    told = []
    for place, path in enumerate(paths[:_TOLD]):
        last = path.marks[-1]
        gain, general = wording.change(last.gain / 100), wording.change(last.general / 100)
        where = "" if place else " in general domains"
        told.append(f"{gain} at {general}{where} with {path.run.name}")
    more = len(paths) - _TOLD
    if more > 0:
        told.append(f"and {wording.number_word(more)} more")
    return f"{target} {'; '.join(told)}"


def _axis(paths: Sequence[TradePath], which: str, *, floor: float, title: str = "") -> Axis:
    """Return the axis that holds zero, `floor`, every mark, and whiskers within reason.

    A whisker may double the range; a wilder one runs to the edge rather than flatten the path.
    """
    values = [0.0, floor, *(getattr(mark, which) for path in paths for mark in path.marks)]
    reach = max(max(values) - min(values), 2.0) / 2
    ends = [getattr(path, f"{which}_{end}") for path in paths for end in ("low", "high")]
    held = [min(max(end, min(values) - reach), max(values) + reach) for end in ends]
    return axis_around(
        [*values, *held],
        title=title or "all general domains, change in points",
        most=8,
        text=signed_text,
    )


def _table(series: Sequence[tuple[Run, Sequence[TradePoint], Namer]], *, target: str) -> Table:
    rows = [
        (run.name, _entries(points[-1], target=target, name=name))
        for run, points, name in series
        if points
    ]
    found = table("Gain and cost, points", rows)
    # the checkpoint's name is never empty, so there is a row
    return found or Table(title="", note="", columns=(), rows=())


def _entries(point: TradePoint, *, target: str, name: Namer) -> dict[str, Entry]:
    return {
        "Checkpoint": Entry(_long(point, name)),
        target: _entry(point.gain, point.gain_low, point.gain_high),
        "All general domains": _entry(point.general, point.general_low, point.general_high),
    }


def _entry(value: float, low: float, high: float) -> Entry:
    if math.isnan(value):
        return Entry()
    return Entry(wording.change(value), wording.interval(low, high) or NO_INTERVAL)


def _note(training: Training) -> str:
    if not training.rivals:
        return f"This is one training run, with seed {training.seed}."
    return (
        f"Each path is one training run (the first with seed {training.seed}), all from the same "
        "base and on the same items. How far two runs of one method lie apart is not in the "
        "intervals."
    )
