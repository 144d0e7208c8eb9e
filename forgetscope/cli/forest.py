"""The forest of a terminal: an interval on 21 cells, the same scale in every row."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.text import Text

from forgetscope.report.chart import ForestRow, Scale
from forgetscope.report.plain import to_ascii

__all__ = ["N_CELLS", "TONES", "forest_cell", "forest_head"]

N_CELLS = 21

TONES = {"loss": "red", "gain": "cyan", "undecided": "yellow", "ink3": "dim"}
"""Colours of a terminal by the name of a tone; others keep the terminal's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    line: str
    filled: str
    hollow: str
    zero: str
    margin: str
    left: str
    right: str


_UNICODE = _Signs(line="─", filled="●", hollow="○", zero="│", margin="┊", left="◂", right="▸")
_ASCII = _Signs(line="-", filled="*", hollow="o", zero="|", margin=":", left="<", right=">")


def forest_head(scale: Scale, *, use_ascii: bool) -> Text:
    """Return the ends of the scale, zero and the margin, above the rows."""
    signs = _ASCII if use_ascii else _UNICODE
    cells = [" "] * N_CELLS
    _put(cells, _place(scale, scale.margin), signs.margin)
    low, high = scale.ticks[0].text, scale.ticks[-1].text
    if use_ascii:
        low, high = to_ascii(low), to_ascii(high)
    for start, text in ((0, low), (_place(scale, 0.0), "0"), (N_CELLS - len(high), high)):
        wanted = range(start, start + len(text))
        if all(cells[place] == " " for place in wanted if place < N_CELLS):
            for place, sign in zip(wanted, text, strict=True):
                _put(cells, place, sign)
    return Text("".join(cells), style="dim")


def forest_cell(row: ForestRow, scale: Scale, *, use_ascii: bool) -> Text:
    """Return the interval of a row; beyond the scale it ends in an arrow."""
    signs = _ASCII if use_ascii else _UNICODE
    margin = scale.margin if math.isnan(row.margin_points) else row.margin_points
    cells = [" "] * N_CELLS
    _put(cells, _place(scale, margin), signs.margin)
    _put(cells, _place(scale, 0.0), signs.zero)
    axis = "".join(cells)
    if not row.is_drawn:
        return Text(axis, style="dim")
    first, last = (_place(scale, end) for end in (row.low_points, row.high_points))
    for place in range(first, last + 1):
        _put(cells, place, signs.line)
    _put(
        cells,
        _place(scale, row.change_points),
        signs.filled if row.mark.is_filled else signs.hollow,
    )
    if row.low_points < scale.low:
        cells[0] = signs.left
    if row.high_points > scale.high:
        cells[-1] = signs.right
    text = Text("".join(cells))
    tone = TONES.get(row.mark.tone, "")
    ends = (min(max(first, 0), N_CELLS - 1), min(max(last, 0), N_CELLS - 1) + 1)
    text.stylize("dim")
    text.stylize(f"not dim {tone}", *ends)
    return text


def _place(scale: Scale, value: float) -> int:
    """Return the cell of a value; outside of 0 to 20 beyond the scale."""
    held = min(max(value, scale.low - 1), scale.high + 1)
    span = scale.high - scale.low
    return round((held - scale.low) / span * (N_CELLS - 1)) if span else 0


def _put(cells: list[str], place: int, sign: str) -> None:
    if 0 <= place < len(cells):
        cells[place] = sign
