"""A small plane with two axes as SVG: grid, ticks, lines, ribbons and bands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgetscope.report.axis import Axis
from forgetscope.report.svg_marks import text_at

__all__ = ["Plane", "along", "band", "grid", "line", "ribbon", "stroke"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where the values of two axes lie; edges in the unit of the drawing."""

    across: Axis
    up: Axis
    left: float
    right: float
    top: float
    bottom: float

    def x(self, value: float) -> float:
        """Return where a value lies along the horizontal axis."""
        return self.left + (self.right - self.left) * self.across.part(value)

    def y(self, value: float) -> float:
        """Return where a value lies along the upright axis."""
        return self.bottom - (self.bottom - self.top) * self.up.part(value)


def grid(plane: Plane) -> Iterator[str]:
    """Yield a line and a label for every tick of the upright axis."""
    for tick in plane.up.ticks:
        y = plane.y(tick.value)
        yield line("zero" if tick.value == 0 else "grid", plane.left, y, plane.right, y)
        yield text_at(plane.left - 6, y, tick.text, "tick", anchor="end")


def along(plane: Plane) -> Iterator[str]:
    """Yield the labels of the horizontal axis, the last one ending at its place."""
    for tick in plane.across.ticks:
        anchor = "end" if tick is plane.across.ticks[-1] else "middle"
        yield text_at(plane.x(tick.value), plane.bottom + 13, tick.text, "tick", anchor=anchor)


def band(plane: Plane, low: float, high: float) -> str:
    """Return the area between two values of the upright axis."""
    top, bottom = plane.y(high), plane.y(low)
    return (
        f'<rect class="noise" x="{plane.left:g}" y="{top:.1f}" '
        f'width="{plane.right - plane.left:g}" height="{bottom - top:.1f}"/>'
    )


def stroke(kind: str, places: Sequence[tuple[float, float]]) -> str:
    """Return a line through the places; a single one is a dot, by its round ends."""
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'<path class="{kind}" d="M{steps}{"h0" if len(places) == 1 else ""}"/>'


def ribbon(edges: Sequence[tuple[float, float, float]]) -> str:
    """Return the area between the ends of intervals; nothing where one is undefined."""
    if len(edges) < 2 or any(math.isnan(low + high) for _, low, high in edges):
        return ""
    # its edges are soft: whole pixels will do
    there = [f"{x:.0f},{low:.0f}" for x, low, _ in edges]
    back = [f"{x:.0f},{high:.0f}" for x, _, high in reversed(edges)]
    return f'<polygon class="ribbon" points="{" ".join(there + back)}"/>'


def line(kind: str, x: float, y: float, to_x: float, to_y: float) -> str:
    """Return a straight line."""
    return f'<line class="{kind}" x1="{x:.1f}" x2="{to_x:.1f}" y1="{y:.1f}" y2="{to_y:.1f}"/>'
