"""Sparks: the way of a domain through the series in one short word of a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import UNBOUNDED_METRICS, Cell, Comparison, Role, Verdict
from forgetscope.report import wording

__all__ = ["Spark", "sparks"]

MOST = 12
"""Checkpoints in a spark at most: beyond, evenly spread ones, the last among them."""

_BARS = "▁▂▃▄▅▆▇█"
_ABSENT = "·"
_BASE = "."
"""How the base looks where a height cannot be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """One domain, base first, a sign per checkpoint."""

    name: str
    """Slug of the domain."""
    text: str
    """Heights on one scale for all domains; the base's own is the first sign."""
    ascii: str
    """The same in ASCII: the mark of each verdict."""
    tones: tuple[str, ...]
    """Name of a colour in `theme.TOKENS` for each sign."""


def sparks(comparisons: Sequence[Comparison]) -> tuple[Spark, ...]:
    """Return the spark of each domain of the last checkpoint; none below two checkpoints.

    One scale serves all domains, so that a flat line looks flat: it is as wide as the largest
    change of any domain that is no target. What lies beyond it stands at its edge.
    """
    if len(comparisons) < 2:
        return ()
    shown = [comparisons[place] for place in _places(len(comparisons))]
    by_domain = [{cell.name: cell for cell in comparison.domains} for comparison in shown]
    widest = _widest(shown)
    return tuple(_spark(cell.name, by_domain, widest) for cell in comparisons[-1].domains)


def _places(n: int) -> Sequence[int]:
    """Return which of `n` checkpoints are shown."""
    if n <= MOST:
        return range(n)
    return [round(k * (n - 1) / (MOST - 1)) for k in range(MOST)]


def _widest(comparisons: Sequence[Comparison]) -> float:
    """Return the share at which the scale ends, either way."""
    changes = [
        abs(cell.change)
        for comparison in comparisons
        for cell in comparison.domains
        if cell.role is not Role.TARGET and _is_drawn(cell)
    ]
    margins = [
        cell.margin
        for cell in comparisons[-1].domains
        if math.isfinite(cell.margin) and cell.metric not in UNBOUNDED_METRICS
    ]
    return max([*changes, *margins, 0.01])


def _spark(name: str, cells_C: Sequence[Mapping[str, Cell]], widest: float) -> Spark:
    cells = [cells.get(name) for cells in cells_C]
    return Spark(
        name=name,
        text=_bar(0.0, widest) + "".join(_sign(cell, widest) for cell in cells),
        ascii=_BASE + "".join(wording.mark_of(c.verdict).ascii if c else _BASE for c in cells),
        tones=("ink3", *(wording.mark_of(cell.verdict).tone if cell else "ink3" for cell in cells)),
    )


def _sign(cell: Cell | None, widest: float) -> str:
    return _bar(cell.change, widest) if cell and _is_drawn(cell) else _ABSENT


def _bar(change: float, widest: float) -> str:
    part = (min(max(change / widest, -1.0), 1.0) + 1.0) / 2.0
    return _BARS[round(part * (len(_BARS) - 1))]


def _is_drawn(cell: Cell) -> bool:
    return (
        cell.verdict is not Verdict.CANNOT_MEASURE
        and cell.metric not in UNBOUNDED_METRICS
        and math.isfinite(cell.change)
    )
