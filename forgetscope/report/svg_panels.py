"""Small panels over steps or shares as SVG: objectives of a run, domains of a blend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgetscope.report.axis import Axis
from forgetscope.report.blend_panels import BlendPanel
from forgetscope.report.blending import Blending
from forgetscope.report.curve import Point
from forgetscope.report.svg import drawing
from forgetscope.report.svg_marks import text_at
from forgetscope.report.weights import Curve, TracePanel, Weights

__all__ = ["blend_plot", "trace_plot"]

WIDTH, LEFT, RIGHT = 240.0, 46.0, 10.0
STRIP, GAP, TOP, FOOT = 66.0, 14.0, 24.0, 20.0
"""Height of one strip of a panel, and of what lies between, above and below."""
BLEND_HEIGHT = 104.0


@dataclass(frozen=True, slots=True)
class _Strip:
    """A small plane with its upper edge at `top`."""

    across: Axis
    up: Axis
    top: float
    height: float = STRIP

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * self.across.part(value)

    def y(self, value: float) -> float:
        return self.bottom - self.height * self.up.part(value)


def trace_plot(panel: TracePanel, *, of: Weights) -> str:
    """Return the weight of an objective above its reward or loss, over the same steps."""
    body, top = "", 0.0
    for curve in (panel.weight, panel.value):
        if curve is None:
            continue
        strip = _Strip(of.steps, curve.axis, top + TOP)
        body += text_at(0, top + 8, curve.title, "axis-title")
        body += text_at(WIDTH - RIGHT, top + 8, curve.text, "end-value", anchor="end")
        if curve is panel.weight:
            body += _band(strip, *of.near)
        body += "".join((*_upward(strip), *_curve(strip, curve)))
        top = strip.bottom + GAP
    bottom = top - GAP
    body += "".join(_along(of.steps, bottom))
    return drawing(WIDTH, bottom + FOOT, body, label=panel.summary)


def blend_plot(panel: BlendPanel, *, of: Blending) -> str:
    """Return the change of one domain along the line from base to tuned weights."""
    strip = _Strip(of.share, panel.change, 20.0, BLEND_HEIGHT)
    body = "".join(_upward(strip))
    if not math.isnan(of.chosen):
        x = strip.x(of.chosen)
        body += _line("chosen-line", x, strip.top, x, strip.bottom)
        anchor = "end" if of.chosen > 0.7 else "start" if of.chosen < 0.3 else "middle"
        body += text_at(x, 9, of.chosen_text, "chosen-label", anchor=anchor)
    if not panel.is_target:
        y = strip.y(of.margin)
        body += _line("margin", LEFT, y, WIDTH - RIGHT, y)
    for piece in panel.pieces:
        body += _ribbon([(strip.x(d.share), strip.y(d.low), strip.y(d.high)) for d in piece])
        body += _stroke("curve", [(strip.x(d.share), strip.y(d.change)) for d in piece])
    for dot in (dot for piece in panel.pieces for dot in piece):
        kind = "blend-dot" if dot.is_allowed else "blend-dot refused"
        body += f'<circle class="{kind}" cx="{strip.x(dot.share):.1f}" '
        body += f'cy="{strip.y(dot.change):.1f}" r="3.6"/>'
    body += "".join(_along(of.share, strip.bottom))
    return drawing(WIDTH, strip.bottom + FOOT, body, label=panel.summary)


def _upward(strip: _Strip) -> Iterator[str]:
    for tick in strip.up.ticks:
        y = strip.y(tick.value)
        yield _line("zero" if tick.value == 0 else "grid", LEFT, y, WIDTH - RIGHT, y)
        yield text_at(LEFT - 6, y, tick.text, "tick", anchor="end")


def _along(axis: Axis, top: float) -> Iterator[str]:
    for tick in axis.ticks:
        x = LEFT + (WIDTH - LEFT - RIGHT) * axis.part(tick.value)
        anchor = "end" if tick is axis.ticks[-1] else "middle"
        yield text_at(x, top + 13, tick.text, "tick", anchor=anchor)


def _band(strip: _Strip, low: float, high: float) -> str:
    top, bottom = strip.y(high), strip.y(low)
    width = WIDTH - LEFT - RIGHT
    return (
        f'<rect class="noise" x="{LEFT:g}" y="{top:.1f}" width="{width:g}" '
        f'height="{bottom - top:.1f}"/>'
    )


def _curve(strip: _Strip, curve: Curve) -> Iterator[str]:
    faint = "curve faint" if curve.means else "curve"
    for piece in curve.pieces:
        yield _stroke(faint, _places(strip, piece))
    for piece in curve.means:
        yield _stroke("curve", _places(strip, piece))


def _places(strip: _Strip, points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(strip.x(point.step), strip.y(point.value)) for point in points]


def _stroke(kind: str, places: Sequence[tuple[float, float]]) -> str:
    """Return a line through the places; a single one is a dot, by its round ends."""
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'<path class="{kind}" d="M{steps}{"h0" if len(places) == 1 else ""}"/>'


def _ribbon(edges: Sequence[tuple[float, float, float]]) -> str:
    """Return the area between the ends of intervals; nothing where one is undefined."""
    if len(edges) < 2 or any(math.isnan(low + high) for _, low, high in edges):
        return ""
    there = [f"{x:.1f},{low:.1f}" for x, low, _ in edges]
    back = [f"{x:.1f},{high:.1f}" for x, _, high in reversed(edges)]
    return f'<polygon class="ribbon" points="{" ".join(there + back)}"/>'


def _line(kind: str, x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{to_x:.1f}" y1="{y:.1f}" y2="{to_y:.1f}"/>'
