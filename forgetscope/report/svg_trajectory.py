"""Paths of domains as SVG panels."""

from __future__ import annotations

import math

from forgetscope.report.svg import drawing
from forgetscope.report.svg_marks import text_at
from forgetscope.report.svg_plane import Plane, along, band, grid, line, ribbon, stroke
from forgetscope.report.trajectory import PathPanel, Trajectories

__all__ = ["path_grid", "path_plot"]

WIDTH, HEIGHT = 240.0, 136.0
LEFT, RIGHT, TOP, FOOT = 34.0, 52.0, 8.0, 20.0
"""Room beside, above and below the plane; the last value stands right of it."""


def path_grid(of: Trajectories) -> str:
    """Return the axes that most panels share, not drawn but to be referred to."""
    shared = next((panel for panel in of.panels if not panel.remark), None)
    if shared is None:
        return ""
    axes = _axes(_plane(shared, of))
    return f'<svg class="defs" aria-hidden="true"><defs><g id="path-axes">{axes}</g></defs></svg>'


def path_plot(panel: PathPanel, *, of: Trajectories) -> str:
    """Return one domain through the series: noise, margin, ribbon, line and its last dot.

    `path_grid` has to stand on the same page.
    """
    plane = _plane(panel, of)
    body = "" if math.isnan(panel.noise) else band(plane, -panel.noise, panel.noise)
    body += _axes(plane) if panel.remark else '<use href="#path-axes"/>'
    if not math.isnan(panel.margin):
        y = plane.y(panel.margin)
        body += line("margin", plane.left, y, plane.right, y)
    for piece in panel.pieces:
        body += ribbon([(plane.x(dot.at), plane.y(dot.low), plane.y(dot.high)) for dot in piece])
        body += stroke("curve", [(plane.x(dot.at), plane.y(dot.change)) for dot in piece])
    body += _end(plane, panel)
    return drawing(WIDTH, HEIGHT, body, label=panel.summary)


def _plane(panel: PathPanel, of: Trajectories) -> Plane:
    edges = {"left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "bottom": HEIGHT - FOOT}
    return Plane(across=of.along, up=panel.change, **edges)


def _axes(plane: Plane) -> str:
    return "".join((*grid(plane), *along(plane)))


def _end(plane: Plane, panel: PathPanel) -> str:
    """Return the last dot with its value; nothing where the path ends before."""
    if not panel.end_text:
        return ""
    dot = panel.pieces[-1][-1]
    x, y = plane.x(dot.at), plane.y(dot.change)
    kind = "dot" if panel.mark.is_filled else "dot hollow"
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        f"{text_at(x + 8, y, panel.end_text, 'end-value')}"
    )
