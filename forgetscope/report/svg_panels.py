"""Small panels over steps or shares as SVG: objectives of a run, domains of a blend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from forgetscope.report.axis import Axis
from forgetscope.report.blend_panels import BlendPanel
from forgetscope.report.blending import Blending
from forgetscope.report.curve import Point
from forgetscope.report.svg import drawing
from forgetscope.report.svg_marks import text_at
from forgetscope.report.svg_plane import Plane, along, band, grid, line, ribbon, stroke
from forgetscope.report.weights import Curve, TracePanel, Weights

__all__ = ["blend_plot", "trace_plot"]

WIDTH, LEFT, RIGHT = 240.0, 46.0, 10.0
STRIP, GAP, TOP, FOOT = 66.0, 14.0, 24.0, 20.0
"""Height of one strip of a panel, and of what lies between, above and below."""
BLEND_HEIGHT = 104.0


def trace_plot(panel: TracePanel, *, of: Weights) -> str:
    """Return the weight of an objective above its reward or loss, over the same steps."""
    body, top = "", 0.0
    plane = _strip(of.steps, of.steps, top)
    for curve in (panel.weight, panel.value):
        if curve is None:
            continue
        plane = _strip(of.steps, curve.axis, top + TOP)
        body += text_at(0, top + 8, curve.title, "axis-title")
        body += text_at(WIDTH - RIGHT, top + 8, curve.text, "end-value", anchor="end")
        if curve is panel.weight:
            body += band(plane, *of.near)
        body += "".join((*grid(plane), *_curve(plane, curve)))
        top = plane.bottom + GAP
    body += "".join(along(plane))
    return drawing(WIDTH, plane.bottom + FOOT, body, label=panel.summary)


def blend_plot(panel: BlendPanel, *, of: Blending) -> str:
    """Return the change of one domain along the line from base to tuned weights."""
    plane = _strip(of.share, panel.change, 20.0, BLEND_HEIGHT)
    body = "".join(grid(plane))
    if not math.isnan(of.chosen):
        x = plane.x(of.chosen)
        body += line("chosen-line", x, plane.top, x, plane.bottom)
        anchor = "end" if of.chosen > 0.7 else "start" if of.chosen < 0.3 else "middle"
        body += text_at(x, 9, of.chosen_text, "chosen-label", anchor=anchor)
    if not panel.is_target:
        y = plane.y(of.margin)
        body += line("margin", LEFT, y, WIDTH - RIGHT, y)
    for piece in panel.pieces:
        body += ribbon([(plane.x(d.share), plane.y(d.low), plane.y(d.high)) for d in piece])
        body += stroke("curve", [(plane.x(d.share), plane.y(d.change)) for d in piece])
    for dot in (dot for piece in panel.pieces for dot in piece):
        kind = "blend-dot" if dot.is_allowed else "blend-dot refused"
        body += f'<circle class="{kind}" cx="{plane.x(dot.share):.1f}" '
        body += f'cy="{plane.y(dot.change):.1f}" r="3.6"/>'
    body += "".join(along(plane))
    return drawing(WIDTH, plane.bottom + FOOT, body, label=panel.summary)


def _strip(across: Axis, up: Axis, top: float, height: float = STRIP) -> Plane:
    """Return a plane as wide as a panel with its upper edge at `top`."""
    edges = {"left": LEFT, "right": WIDTH - RIGHT, "top": top, "bottom": top + height}
    return Plane(across=across, up=up, **edges)


def _curve(plane: Plane, curve: Curve) -> Iterator[str]:
    faint = "curve faint" if curve.means else "curve"
    for piece in curve.pieces:
        yield stroke(faint, _places(plane, piece))
    for piece in curve.means:
        yield stroke("curve", _places(plane, piece))


def _places(plane: Plane, points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(plane.x(point.step), plane.y(point.value)) for point in points]
