"""The trade-off and the dumbbell as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from forgetscope.report.dumbbell import Dumbbell, DumbbellRow
from forgetscope.report.labels import Box, Wish, boxes_along, named, place
from forgetscope.report.runs import Run
from forgetscope.report.svg import drawing
from forgetscope.report.svg_marks import run_mark, text_at
from forgetscope.report.trade import TradeOff, TradePath

__all__ = ["dumbbell_axis", "dumbbell_mark", "trade_plot"]

LEFT, RIGHT, TOP, BOTTOM = 46.0, 16.0, 28.0, 46.0
"""Room around the plane of the trade-off."""

RADIUS, LAST_RADIUS = 3.6, 5.5
BELL_WIDTH, BELL_INSET, BELL_HEIGHT, BELL_AXIS = 264.0, 14.0, 34.0, 34.0
_BASE = Run(name="base", shape="circle", tone="ink3")


@dataclass(frozen=True, slots=True)
class _Plane:
    """Points of the trade-off as places in the drawing."""

    trade: TradeOff
    width: float
    height: float

    def x(self, general: float) -> float:
        return LEFT + (self.width - LEFT - RIGHT) * self.trade.general.part(general)

    def y(self, gain: float) -> float:
        return self.height - BOTTOM - (self.height - TOP - BOTTOM) * self.trade.gain.part(gain)

    def points(self, path: TradePath) -> list[tuple[float, float]]:
        origin = (self.x(0), self.y(0))
        return [origin, *((self.x(mark.general), self.y(mark.gain)) for mark in path.marks)]


def trade_plot(trade: TradeOff, *, width: float, height: float) -> str:
    """Return gain upwards, change of the general domains to the right, a path per method."""
    plane = _Plane(trade, width, height)
    body = "".join((*_frame(plane), *_paths(plane), *_names(plane)))
    return drawing(width, height, body, label=f"{trade.finding}. {trade.summary}")


def dumbbell_axis(bell: Dumbbell) -> str:
    """Return the tick labels above the dumbbells, and below them the name of the margin."""
    texts = [
        text_at(_bell_x(bell, t.value), 8, t.text, "tick", anchor="middle") for t in bell.axis.ticks
    ]
    if bell.is_change:
        x = _bell_x(bell, bell.margin)
        texts.append(text_at(x, 23, bell.margin_text, "margin-label", anchor="middle"))
    return drawing(BELL_WIDTH, BELL_AXIS, "".join(texts), label="")


def dumbbell_mark(row: DumbbellRow, *, bell: Dumbbell) -> str:
    """Return the ends of one domain with the line between them."""
    middle = BELL_HEIGHT / 2
    grid = "".join(
        f"M{_bell_x(bell, tick.value):.1f} 0V{BELL_HEIGHT:g}" for tick in bell.axis.ticks
    )
    body = f'<path class="grid" d="{grid}"/>'
    if bell.is_change:
        for value, kind in ((0.0, "zero"), (bell.margin, "margin")):
            x = _bell_x(bell, value)
            body += _line(kind, x, 0, x, BELL_HEIGHT)
    places = [_bell_x(bell, end.value) for end in row.ends]
    if len(places) > 1:
        body += _line("bell", min(places), middle, max(places), middle)
    # the first method lies on top where marks fall together
    for end, x in reversed(list(zip(row.ends, places, strict=True))):
        if end.value > bell.axis.high:
            body += _arrow(end.run, x, middle)
        else:
            body += run_mark(end.run, x, middle, radius=LAST_RADIUS, is_filled=True)
    return drawing(BELL_WIDTH, BELL_HEIGHT, body, label=row.summary)


def _frame(plane: _Plane) -> Iterator[str]:
    """Yield shade, grid, axes, margin and all texts that stand still."""
    trade, bottom, right = plane.trade, plane.height - BOTTOM, plane.width - RIGHT
    margin = plane.x(trade.margin)
    size = f'width="{right - margin:.1f}" height="{bottom - TOP:.1f}"'
    yield f'<rect class="kept" x="{margin:.1f}" y="{TOP:g}" {size}/>'
    for tick in trade.general.ticks:
        x = plane.x(tick.value)
        yield _line("zero" if tick.value == 0 else "grid", x, TOP, x, bottom)
        yield text_at(x, bottom + 14, tick.text, "tick", anchor="middle")
    for tick in trade.gain.ticks:
        y = plane.y(tick.value)
        yield _line("zero" if tick.value == 0 else "grid", LEFT, y, right, y)
        yield text_at(LEFT - 8, y, tick.text, "tick", anchor="end")
    yield _line("margin", margin, TOP, margin, bottom)
    yield text_at(margin + 5, bottom - 9, trade.margin_text, "margin-label")
    yield text_at(0, 10, trade.gain.title, "axis-title")
    yield text_at(
        (LEFT + right) / 2, bottom + 34, trade.general.title, "axis-title", anchor="middle"
    )


def _paths(plane: _Plane) -> Iterator[str]:
    # the series of the page is drawn last and lies on top
    for path in reversed(plane.trade.paths):
        points = plane.points(path)
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path class="path run-of-{path.run.tone}" d="M{steps}"/>'
        yield from _whiskers(plane, path)
        for mark, (x, y) in zip(path.marks, points[1:], strict=True):
            is_last = mark is path.marks[-1]
            radius = LAST_RADIUS if is_last else RADIUS
            yield run_mark(path.run, x, y, radius=radius, is_filled=is_last, hint=mark.hint)
    yield run_mark(_BASE, plane.x(0), plane.y(0), radius=4, is_filled=True, hint=plane.trade.base)


def _whiskers(plane: _Plane, path: TradePath) -> Iterator[str]:
    x, y = plane.points(path)[-1]
    kind = f"whisker run-of-{path.run.tone}"
    if not math.isnan(path.general_low + path.general_high):
        yield _line(kind, plane.x(path.general_low), y, plane.x(path.general_high), y)
    if not math.isnan(path.gain_low + path.gain_high):
        yield _line(kind, x, plane.y(path.gain_low), x, plane.y(path.gain_high))


def _names(plane: _Plane) -> Iterator[str]:
    """Yield the names beside the marks, as many as find room."""
    wishes = [Wish(plane.x(0), plane.y(0), plane.trade.base, "mark-name", is_needed=True)]
    taken = list(_fixed(plane))
    for path in plane.trade.paths:
        points = plane.points(path)
        taken += [*boxes_along(points), *_cross(plane, path)]
        taken += [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
        tone = f"run-of-{path.run.tone}"
        label, kind = path.label, f"run-name {tone}"
        wishes.append(Wish(*points[-1], label, kind, is_needed=True, is_bold=True))
        wishes += [
            Wish(*points[place + 1], path.marks[place].label, kind=f"mark-name {tone}")
            for place in named(len(path.marks) - 1)
        ]
    paper = Box(LEFT + 2, TOP, plane.width - 2, plane.height - BOTTOM - 2)
    for spot in place(wishes, paper=paper, taken=taken):
        yield text_at(spot.x, spot.y, spot.wish.text, spot.wish.kind, anchor=spot.anchor)


def _cross(plane: _Plane, path: TradePath) -> Iterator[Box]:
    """Yield the boxes of the whiskers."""
    x, y = plane.points(path)[-1]
    if not math.isnan(path.general_low + path.general_high):
        yield Box(plane.x(path.general_low), y - 2, plane.x(path.general_high), y + 2)
    if not math.isnan(path.gain_low + path.gain_high):
        yield Box(x - 2, plane.y(path.gain_high), x + 2, plane.y(path.gain_low))


def _fixed(plane: _Plane) -> Iterator[Box]:
    """Yield the boxes of what stands still: zero lines, margin and its name."""
    margin, bottom = plane.x(plane.trade.margin), plane.height - BOTTOM
    for x in (plane.x(0), margin):
        yield Box(x - 2, TOP, x + 2, bottom)
    yield Box(LEFT, plane.y(0) - 2, plane.width - RIGHT, plane.y(0) + 2)
    yield Box(margin + 5, bottom - 18, margin + 5 + 6 * len(plane.trade.margin_text), bottom)


def _arrow(run: Run, x: float, y: float) -> str:
    """Return the head of an arrow: the mark lies beyond the edge."""
    edge = f"{x:.1f},{y - 5:g} {x + 8:.1f},{y:g} {x:.1f},{y + 5:g}"
    return f'<polygon class="mark run-of-{run.tone}" points="{edge}"/>'


def _bell_x(bell: Dumbbell, value: float) -> float:
    return BELL_INSET + (BELL_WIDTH - 2 * BELL_INSET) * bell.axis.part(value)


def _line(kind: str, x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{to_x:.1f}" y1="{y:.1f}" y2="{to_y:.1f}"/>'
