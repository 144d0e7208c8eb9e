"""How a training run went: the weight of every objective, its reward or loss, and the probes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forgetscope.records import Kind, Trace, Training
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around
from forgetscope.report.curve import MOST_POINTS, STRETCHES, Point, broken, stretch_means, thinned
from forgetscope.report.runs import duration, method_name, objective_name
from forgetscope.report.table import Entry, Table, table

__all__ = ["NEAR", "Curve", "TracePanel", "Weights", "weights"]

NEAR = (0.95, 1.05)
"""Weights that stay within these change little: a run with all of them 1 is uniform replay."""

_LEAST = (0.9, 1.1)
"""What the scale of weights holds at least, so that nearly uniform ones look it."""

_UNITS = {
    Kind.REWARD: "mean reward",
    Kind.LOSS: "loss",
    Kind.PROBE: "held-out loss",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One quantity over the steps."""

    pieces: tuple[tuple[Point, ...], ...]
    """Points of the record; a line runs through each piece, and none from one to the next."""
    means: tuple[tuple[Point, ...], ...]
    """Means of stretches, in the same pieces, where the curve is long; else empty."""
    axis: Axis
    title: str
    text: str
    """Where it ended, as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePanel:
    """One objective."""

    label: str
    weight: Curve | None
    """`None` of a probe, and where every weight is 1."""
    value: Curve | None
    """Reward or loss; `None` where none is defined."""
    summary: str
    """The panel in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The section."""

    finding: str
    about: str
    """Rule, steps, time and seed of the run."""
    notes: tuple[str, ...]
    """How to read the panels: what is thinned, and what a break in a line means."""
    steps: Axis
    near: tuple[float, float]
    panels: tuple[TracePanel, ...]
    table: Table


def weights(training: Training) -> Weights | None:
    """Return the section about a training run; `None` without a trace."""
    # the weighted objectives first, as they were recorded, then the probes
    seen = [trace for trace in training.traces if trace.steps]
    traces = sorted(seen, key=lambda trace: trace.kind is Kind.PROBE)
    if not traces:
        return None
    steps = axis_around(
        [0, *(step for trace in traces for step in trace.steps)], title="step", most=4, pad=0
    )
    moved = [weight for trace in traces for weight in trace.weights if math.isfinite(weight)]
    is_flat = all(weight == 1 for weight in moved)
    axis = None if is_flat else axis_around([*moved, *_LEAST], title="weight", most=4)
    panels = tuple(_panel(trace, axis=axis) for trace in traces)
    return Weights(
        finding=_finding(traces, moved),
        about=_about(training),
        notes=tuple(_notes(traces, panels)),
        steps=steps,
        near=NEAR,
        panels=panels,
        table=_table(traces),
    )


def _panel(trace: Trace, *, axis: Axis | None) -> TracePanel:
    label = objective_name(trace.objective)
    weight = _curve(trace, trace.weights, axis=axis, title="weight") if axis else None
    values = [value for value in trace.values if math.isfinite(value)]
    unit = _UNITS[trace.kind]
    own = axis_around(values, title=unit, most=3) if values else None
    return TracePanel(
        label=label,
        weight=weight,
        value=_curve(trace, trace.values, axis=own, title=unit) if own else None,
        summary=f"{label}: {', '.join(_in_words(trace))}",
    )


def _curve(trace: Trace, values: Sequence[float], *, axis: Axis, title: str) -> Curve | None:
    whole = broken(trace.steps, values) if values else ()
    if not whole:
        return None
    # weights are what was done; only what was observed is noise around a level
    means = stretch_means(whole) if title != "weight" else ()
    last = (means or whole)[-1][-1].value
    text = _weight(last) if title == "weight" else _size(last)
    return Curve(pieces=thinned(whole), means=means, axis=axis, title=title, text=text)


def _finding(traces: Sequence[Trace], moved: Sequence[float]) -> str:
    """Return how far the weights went as a sentence without its period."""
    if not moved:
        return f"{wording.count(len(traces))} objectives, none of them weighted"
    low, high = min(moved), max(moved)
    if low == high == 1:
        return "Every weight was 1 throughout"
    if low >= NEAR[0] and high <= NEAR[1]:
        return (
            f"The weights were nearly uniform: all stayed within {_weight(low)} to {_weight(high)}"
        )
    least, most = (_holder(traces, value) for value in (low, high))
    return f"Weights ranged from {_weight(low)} ({least}) to {_weight(high)} ({most})"


def _holder(traces: Iterable[Trace], weight: float) -> str:
    return next(objective_name(trace.objective) for trace in traces if weight in trace.weights)


def _about(training: Training) -> str:
    rule = f"rule {wording.one_line(training.rule)}" if training.rule else ""
    took = duration(training.seconds)
    parts = (
        method_name(training.method),
        rule,
        f"{wording.count(training.steps)} steps",
        f"{took} of training" if took else "",
        f"seed {training.seed}",
    )
    return ", ".join(part for part in parts if part)


def _notes(traces: Sequence[Trace], panels: Sequence[TracePanel]) -> Iterator[str]:
    if any(panel.weight for panel in panels):
        yield (
            f"Weights are on average 1. Within the band, {NEAR[0]:g} to {NEAR[1]:g}, an objective "
            "counts much as under uniform replay."
        )
    if any(panel.value and panel.value.means for panel in panels):
        yield f"The bold line is the mean of each {wording.number_word(STRETCHES)}th of the run."
    if any(len(trace.steps) > MOST_POINTS for trace in traces):
        yield (
            f"Thin lines hold the lowest and the highest of every few steps, about {MOST_POINTS} "
            "points each; training.parquet has all."
        )
    if any(len(broken(trace.steps, trace.values)) > 1 for trace in traces):
        yield "A line breaks where steps are missing or a value is undefined."
    yield (
        "Losses are nats per answer token; rewards and losses have a scale of their own in each "
        "panel."
    )


def _table(traces: Sequence[Trace]) -> Table:
    rows = [(objective_name(trace.objective), _entries(trace)) for trace in traces]
    # a trace with a step has its number of steps to tell
    return table("", rows) or Table(title="", note="", columns=(), rows=())


def _entries(trace: Trace) -> dict[str, Entry]:
    held = [weight for weight in trace.weights if math.isfinite(weight)]
    first, last = _ends(trace)
    unit = _UNITS[trace.kind]
    return {
        "Weight at the end": Entry(_weight(held[-1])) if held else Entry(),
        "Lowest": Entry(_weight(min(held))) if held else Entry(),
        "Highest": Entry(_weight(max(held))) if held else Entry(),
        "Measured": Entry(unit),
        "At the start": _number(first),
        "At the end": _number(last),
        "Seen at": Entry(f"{wording.count(len(trace.steps))} steps"),
    }


def _in_words(trace: Trace) -> Iterator[str]:
    held = [weight for weight in trace.weights if math.isfinite(weight)]
    if held:
        yield (
            f"weight {_weight(held[-1])} at the end, between {_weight(min(held))} and "
            f"{_weight(max(held))}"
        )
    first, last = _ends(trace)
    yield f"{_UNITS[trace.kind]} from {_size(first)} to {_size(last)}"


def _ends(trace: Trace) -> tuple[float, float]:
    """Return level at start and end: of stretches where the curve is long, else its ends."""
    whole = broken(trace.steps, trace.values)
    if not whole:
        return math.nan, math.nan
    shown = stretch_means(whole) or whole
    return shown[0][0].value, shown[-1][-1].value


def _number(value: float) -> Entry:
    return Entry() if math.isnan(value) else Entry(_size(value))


def _size(value: float) -> str:
    """Return a reward or a loss with three digits behind the point, a tiny one with two of its own.

    >>> _size(0.5), _size(0.00042), _size(-1.0), _size(0.0)
    ('0.500', '0.00042', '−1.000', '0.000')
    """
    if 0 < abs(value) < 0.01:
        return f"{value:.2g}".replace("-", "−", 1)
    return wording.decimal(value)


def _weight(value: float) -> str:
    """Return a weight with two digits behind the point, three where it is near 1.

    >>> _weight(1.31), _weight(0.998)
    ('1.31', '0.998')
    """
    return f"{value:.3f}" if NEAR[0] <= value <= NEAR[1] else f"{value:.2f}"
