"""Charts as SVG strings: a drawn mark per row, classes for colour, every text escaped.

Nothing here computes a number a reader sees; positions come from the chart model. No inline
style appears, because the page's policy forbids it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from forgetscope.report.chart import ForestRow, Scale
from forgetscope.report.why import Segment

__all__ = ["cause_bar", "drawing", "forest_axis", "forest_mark", "item_bar", "score_bar"]

FOREST_WIDTH, FOREST_INSET = 264, 14
ROW_HEIGHT, AXIS_HEIGHT = 34, 34
REMARK_HEIGHT = 14
CAP, RADIUS = 4.0, 5.5
_ABOVE = -60.0
"""Shared lines begin so high above a row, and end as low below it, that they fill any row."""
BAR_WIDTH, BAR_HALF, BAR_HEIGHT = 176, 56, 12
SCORE_WIDTH = 220
CAUSE_WIDTH, CAUSE_HEIGHT, CAUSE_GAP = 480, 20, 2.0
CAUSE_TEXT = 9.0
"""Width a digit needs, with its share of the margin around it."""


def forest_axis(scale: Scale, *, with_lines: bool = False) -> str:
    """Return the tick labels above the forest, the margin named below them.

    Parameters
    ----------
    scale
        Of all rows.
    with_lines
        Whether to hold the lines that all rows share, for rows that refer to them.
    """
    ticks = "".join(
        f'<text class="tick" x="{_x(tick.value, scale)}" y="12" text-anchor="middle">'
        f"{escape(tick.text)}</text>"
        for tick in scale.ticks
    )
    margin = (
        f'<text class="margin-label" x="{_x(scale.margin, scale)}" y="27" text-anchor="middle">'
        f"{escape(scale.margin_text)}</text>"
    )
    shared = _lines_of_all(scale) if with_lines else ""
    return drawing(FOREST_WIDTH, AXIS_HEIGHT, ticks + margin + shared, label="")


def forest_mark(row: ForestRow, *, scale: Scale, is_below_axis: bool = False) -> str:
    """Return the forest cell of one row: noise, grid, zero, margin, interval and dot.

    Parameters
    ----------
    row
        What is drawn.
    scale
        Of all rows.
    is_below_axis
        Whether `forest_axis` stands on the same page with the lines of all rows: then they are
        referred to, since a page holds hundreds of rows.
    """
    # a first remark fits into the row, each further one makes it higher
    top = -REMARK_HEIGHT * max(0, len(row.remarks) - 1) / 2 or 0.0
    lines = _shared_lines(row, scale, top) if is_below_axis else _own_lines(row, scale, top)
    body = _noise(row, scale, top=top) + lines
    body += _interval(row, scale) + _dot(row, scale) if row.is_drawn else ""
    return _row_drawing(FOREST_WIDTH, ROW_HEIGHT - 2 * top, body, label=row.summary, top=top)


def item_bar(row: ForestRow, *, widest_share: float) -> str:
    """Return the diverging bar of a row: lost items to the left of zero, gained to the right."""
    centre, top = BAR_WIDTH / 2, (ROW_HEIGHT - BAR_HEIGHT) / 2
    lost, gained = (_part(share, widest_share) for share in (row.lost_share, row.gained_share))
    ends = (("bar-lost", centre - BAR_HALF * lost), ("bar-gained", centre + BAR_HALF * gained))
    body = "".join(
        f'<path class="{kind}" d="M{centre:g} {top:g}H{end:.1f}v{BAR_HEIGHT}H{centre:g}z"/>'
        for kind, end in ends
    )
    # what reaches further than the longest bar has its ticks at the ends
    tick = BAR_HALF * min(_part(row.expected_share, widest_share), 1.0)
    body += f'<path class="zero" d="M{centre:g} 6V{ROW_HEIGHT - 6}"/>{_expected(row, tick)}'
    left, right = min(ends[0][1], centre - tick), max(ends[1][1], centre + tick)
    text_y = ROW_HEIGHT / 2 + 4
    body += (
        f'<text class="bar-text" x="{left:.1f}" dx="-6" y="{text_y:g}">{row.lost:,}</text>'
        f'<text class="bar-text" x="{right:.1f}" dx="6" y="{text_y:g}">{row.gained:,}</text>'
    )
    label = f"{row.lost:,} lost, {row.gained:,} gained"
    return _row_drawing(BAR_WIDTH, ROW_HEIGHT, body, label=label)


def _expected(row: ForestRow, tick: float) -> str:
    """Return the two ticks up to which asking again would lose and gain; nothing if not known."""
    if math.isnan(row.expected_share):
        return ""
    left, right = BAR_WIDTH / 2 - tick, BAR_WIDTH / 2 + tick
    return f'<path class="expected" d="M{left:.1f} 9V25M{right:.1f} 9V25"/>'


def score_bar(share: float, *, chance: float, label: str) -> str:
    """Return a bar of a mean score from 0 to 1 with a line at the guesser's score."""
    middle = ROW_HEIGHT / 2
    body = f'<rect class="track" x="0" y="{middle - 4:g}" width="{SCORE_WIDTH}" height="8" rx="4"/>'
    if 0 <= share <= 1:
        width = SCORE_WIDTH * share
        body += (
            f'<rect class="fill" x="0" y="{middle - 4:g}" width="{width:.1f}" height="8" rx="4"/>'
        )
    if 0 < chance <= 1:
        at = f"{SCORE_WIDTH * chance:.1f}"
        body += f'<line class="chance" x1="{at}" x2="{at}" y1="8" y2="{ROW_HEIGHT - 8}"/>'
    return drawing(SCORE_WIDTH, ROW_HEIGHT, body, label=label)


def cause_bar(segments: Sequence[Segment], *, label: str) -> str:
    """Return one bar cut into the reasons why answers were lost, form first, gaps between."""
    body, x = "", 0.0
    gap = CAUSE_GAP if len(segments) > 1 else 0.0
    whole = CAUSE_WIDTH - gap * (len(segments) - 1)
    for segment in segments:
        width = whole * segment.share
        kind = "form" if segment.is_form else "answer"
        body += (
            f'<rect class="cause {kind}" x="{x:.1f}" width="{width:.1f}" y="0" '
            f'height="{CAUSE_HEIGHT}"/>'
        )
        if width >= CAUSE_TEXT * len(segment.count):
            body += (
                f'<text class="cause-text" x="{x + width / 2:.1f}" y="{CAUSE_HEIGHT / 2 + 4:g}" '
                f'text-anchor="middle">{escape(segment.count)}</text>'
            )
        x += width + gap
    return drawing(CAUSE_WIDTH, CAUSE_HEIGHT, body, label=label)


def drawing(width: float, height: float, body: str, *, label: str, top: float = 0.0) -> str:
    """Return an SVG of that size around `body`, named `label`; without a name it is decoration."""
    box = f' viewBox="0 {top:g} {width:g} {height:g}"'
    return _svg(width, height, box, body, label=label)


def _row_drawing(width: float, height: float, body: str, *, label: str, top: float = 0.0) -> str:
    """Return a drawing of fixed size: rows are many, so what goes without saying is left out."""
    box = f' viewBox="0 {top:g} {width:g} {height:g}"' if top else ""
    return _svg(width, height, box, body, label=label)


def _svg(width: float, height: float, box: str, body: str, *, label: str) -> str:
    name = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg width="{width:g}" height="{height:g}"{box} {name}>{body}</svg>'


def _grid(scale: Scale, *, top: float) -> str:
    """Return a line at every tick, as one path: a page holds hundreds of these."""
    ends = f" {top:g}V{ROW_HEIGHT - top:g}"
    path = "".join(f"M{_x(tick.value, scale)}{ends}" for tick in scale.ticks)
    return f'<path class="grid" d="{path}"/>'


def _lines_of_all(scale: Scale) -> str:
    zero = _vertical(0.0, scale, "zero", top=_ABOVE)
    margin = _vertical(scale.margin, scale, "margin", top=_ABOVE)
    return (
        f'<defs><g id="forest-grid">{_grid(scale, top=_ABOVE)}{zero}</g>'
        f'<g id="forest"><use href="#forest-grid"/>{margin}</g></defs>'
    )


def _own_lines(row: ForestRow, scale: Scale, top: float) -> str:
    grid, zero = _grid(scale, top=top), _vertical(0.0, scale, "zero", top=top)
    if math.isnan(row.margin_points):
        return grid + zero + _vertical(scale.margin, scale, "margin", top=top)
    return grid + zero + _vertical(row.margin_points, scale, "margin own", top=top)


def _shared_lines(row: ForestRow, scale: Scale, top: float) -> str:
    if math.isnan(row.margin_points):
        return '<use href="#forest"/>'
    own = _vertical(row.margin_points, scale, "margin own", top=top)
    return f'<use href="#forest-grid"/>{own}'


def _noise(row: ForestRow, scale: Scale, *, top: float) -> str:
    """Return the grey band that noise alone fills; nothing where none is known."""
    if math.isnan(row.noise_points) or not row.is_drawn:
        return ""
    low, high = _x(-row.noise_points, scale), _x(row.noise_points, scale)
    width = f"{float(high) - float(low):.1f}"
    size = f'width="{width}" y="{top:g}" height="{ROW_HEIGHT - 2 * top:g}"'
    return f'<rect class="noise" x="{low}" {size}/>'


def _interval(row: ForestRow, scale: Scale) -> str:
    middle = ROW_HEIGHT / 2
    low, high = _x(row.low_points, scale), _x(row.high_points, scale)
    whiskers = f"M{low} {middle:g}H{high}"
    arrows = ""
    for value, outwards in ((row.low_points, -1), (row.high_points, 1)):
        if scale.low <= value <= scale.high:
            whiskers += f"M{_x(value, scale)} {middle - CAP:g}v{2 * CAP:g}"
        else:
            arrows += _arrow(value, scale, outwards=outwards)
    return f'<path class="ci" d="{whiskers}"/>{arrows}'


def _arrow(value: float, scale: Scale, *, outwards: int) -> str:
    """Return an arrow head where the interval goes on beyond the scale.

    Nothing where the whole interval lies beyond the other end: its arrow stands there.
    """
    if (value - (scale.high if outwards < 0 else scale.low)) * outwards < 0:
        return ""
    x, middle = float(_x(value, scale)), ROW_HEIGHT / 2
    tip = x + 6 * outwards
    edge = f"{x:g},{middle - CAP - 1:g} {tip:g},{middle:g} {x:g},{middle + CAP + 1:g}"
    return f'<polygon class="beyond" points="{edge}"/>'


def _dot(row: ForestRow, scale: Scale) -> str:
    """Return the dot of the change; none beyond the scale, where an arrow says enough."""
    if not scale.low <= row.change_points <= scale.high:
        return ""
    kind = "dot" if row.mark.is_filled else "dot hollow"
    x = _x(row.change_points, scale)
    return f'<circle class="{kind}" cx="{x}" cy="{ROW_HEIGHT / 2:g}" r="{RADIUS:g}"/>'


def _vertical(value: float, scale: Scale, kind: str, *, top: float) -> str:
    x = _x(value, scale)
    return f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top:g}" y2="{ROW_HEIGHT - top:g}"/>'


def _x(value: float, scale: Scale) -> str:
    held = min(max(value, scale.low), scale.high)
    span = FOREST_WIDTH - 2 * FOREST_INSET
    return f"{FOREST_INSET + span * (held - scale.low) / (scale.high - scale.low):.1f}"


def _part(share: float, widest: float) -> float:
    return share / widest if widest > 0 and share > 0 else 0.0
