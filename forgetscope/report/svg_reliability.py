"""Reliability diagrams as SVG panels."""

from __future__ import annotations

from collections.abc import Sequence

from forgetscope.report.reliability import Reliability, ReliabilityPanel
from forgetscope.report.svg import drawing
from forgetscope.report.svg_plane import Plane, along, grid, line, stroke

__all__ = ["reliability_grid", "reliability_plot"]

WIDTH, HEIGHT = 240.0, 176.0
LEFT, RIGHT, TOP, FOOT = 34.0, 12.0, 6.0, 20.0
"""Room beside, above and below the plane."""


def reliability_grid(of: Reliability) -> str:
    """Return the axes that all panels share, not drawn but to be referred to."""
    plane = _plane(of)
    ends = (plane.x(0.0), plane.y(0.0), plane.x(1.0), plane.y(1.0))
    axes = "".join((*grid(plane), *along(plane), line("diagonal", *ends)))
    return f'<svg class="defs" aria-hidden="true"><defs><g id="bin-axes">{axes}</g></defs></svg>'


def reliability_plot(panel: ReliabilityPanel, *, of: Reliability) -> str:
    """Return one domain, hollow before and filled after; it needs `reliability_grid` beside it."""
    plane = _plane(of)
    body = '<use href="#bin-axes"/>'
    for kind, dots in (("before", panel.before), ("after", panel.after)):
        places = [(plane.x(dot.confidence), plane.y(dot.accuracy)) for dot in dots]
        body += stroke(f"curve {kind}", places) + _dots(f"bins-{kind}", places)
        body += _dots("bins-hole", places) if kind == "before" else ""
    return drawing(WIDTH, HEIGHT, body, label=panel.summary)


def _dots(kind: str, places: Sequence[tuple[float, float]]) -> str:
    """Return all dots as one path: lines without length have round ends."""
    return f'<path class="{kind}" d="{"".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)}"/>'


def _plane(of: Reliability) -> Plane:
    edges = {"left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "bottom": HEIGHT - FOOT}
    return Plane(across=of.confidence, up=of.accuracy, **edges)
