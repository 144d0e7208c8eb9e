"""Axes: a stretch of numbers with round, labelled places on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from forgetscope.report.chart import Tick

__all__ = ["Axis", "axis_around", "plain_text", "round_ticks", "signed_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One direction of a chart."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    title: str
    """What is told along it, and its unit."""

    def part(self, value: float) -> float:
        """Return how far along the axis a value lies, from 0 to 1; beyond an end, that end."""
        held = min(max(value, self.low), self.high)
        return (held - self.low) / (self.high - self.low)


def axis_around(
    values: Iterable[float],
    *,
    title: str,
    most: int = 6,
    pad: float = 0.05,
    text: Callable[[float], str] | None = None,
) -> Axis:
    """Return an axis that holds all values that are defined, with round numbers as its ticks.

    Parameters
    ----------
    values
        What has to fit; at least one of them a number.
    title
        What is told along it.
    most
        Ticks at most.
    pad
        Room beyond either end, a share of the whole.
    text
        How a tick is written; default: plainly.
    """
    held = [value for value in values if math.isfinite(value)]
    low, high = min(held), max(held)
    span = high - low
    if span <= 1e-6 * max(abs(low), abs(high)):
        # a flat line still needs two ends
        span = 0.1 * abs(high) or 1.0
        high = low + span
    low, high = low - pad * span, high + pad * span
    ticks = round_ticks(low, high, most=most)
    written = text or plain_text
    return Axis(
        low=low,
        high=high,
        ticks=tuple(Tick(value=value, text=written(value)) for value in ticks),
        title=title,
    )


def round_ticks(low: float, high: float, *, most: int) -> Sequence[float]:
    """Return at most `most` round numbers, evenly spaced, between `low` and `high`, `low` < `high`.

    >>> round_ticks(-0.05, 1.05, most=5), round_ticks(0.0, 1730.0, most=4)
    ((0.0, 0.5, 1.0), (0.0, 500.0, 1000.0, 1500.0))
    """
    power = math.floor(math.log10((high - low) / most))
    for step in (factor * 10.0**place for place in range(power, power + 3) for factor in (1, 2, 5)):
        # the quotients of round numbers may miss them by a hair
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return tuple(float(f"{step * place:.10g}") for place in range(first, last + 1))


def signed_text(value: float) -> str:
    """Return a tick of a change.

    >>> signed_text(-4.0), signed_text(0.0), signed_text(2.5)
    ('−4', '0', '+2.5')
    """
    if value == 0:
        return "0"
    return ("+" if value > 0 else "−") + plain_text(abs(value))


def plain_text(value: float) -> str:
    """Return a tick of a size.

    >>> plain_text(2000.0), plain_text(0.05), plain_text(-1.0)
    ('2,000', '0.05', '−1')
    """
    return f"{value:,.10g}".replace("-", "−")
