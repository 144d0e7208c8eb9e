"""Every domain along the line from base to tuned weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.records import BlendCell, BlendPoint, Role
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around, signed_text
from forgetscope.report.chart import Tick

__all__ = [
    "BlendDot",
    "BlendPanel",
    "blend_panels",
    "loss_first",
    "percent_of",
    "rank",
    "share_axis",
]

_HIGHEST = 40.0
"""An interval further out than this, in points, ends at the edge of its panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendDot:
    """One domain at one blend, in points."""

    share: float
    change: float
    low: float
    high: float
    is_allowed: bool
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendPanel:
    """One domain along the line from base to tuned weights."""

    label: str
    is_target: bool
    change: Axis
    pieces: tuple[tuple[BlendDot, ...], ...]
    """In order of their share; a piece ends where a blend was not asked this domain."""
    summary: str


def blend_panels(points: Sequence[BlendPoint], *, margin: float) -> tuple[BlendPanel, ...]:
    """Return a panel for each domain, the target first, then the largest loss at the last blend."""
    roles = {cell.domain: cell.role for point in points for cell in point.cells}
    lasts = {cell.domain: cell.change for point in points for cell in point.cells}
    names = sorted(roles, key=lambda slug: (rank(roles[slug]), loss_first(lasts[slug]), slug))
    axes = {
        is_target: _change_axis(
            [slug for slug in names if (roles[slug] is Role.TARGET) == is_target],
            points,
            margin=0.0 if is_target else margin,
        )
        for is_target in (True, False)
    }
    return tuple(
        _panel(slug, points, role=roles[slug], axis=axes[roles[slug] is Role.TARGET])
        for slug in names
    )


def rank(role: Role) -> int:
    """Return the place of a role: the target, what could be lost, what is watched."""
    return (Role.TARGET, Role.GENERAL, Role.WATCH).index(role)


def loss_first(change: float) -> float:
    """Return what sorts the largest loss first, and the undefined last."""
    return math.inf if math.isnan(change) else change


def _change_axis(names: Sequence[str], points: Sequence[BlendPoint], *, margin: float) -> Axis:
    """Return the one scale of these domains: zero, the margin, every change and its interval."""
    cells = [cell for point in points for cell in point.cells if cell.domain in names]
    changes = [0.0, -150 * margin, *(100 * cell.change for cell in cells)]
    held = [value for value in changes if math.isfinite(value)]
    least, most = min(-_HIGHEST, *held), max(_HIGHEST, *held)
    ends = [min(max(100 * end, least), most) for cell in cells for end in (cell.low, cell.high)]
    return axis_around([*held, *ends], title="change, points", most=5, text=signed_text)


def _panel(slug: str, points: Sequence[BlendPoint], *, role: Role, axis: Axis) -> BlendPanel:
    label = wording.title(slug)
    pieces: list[list[BlendDot]] = [[]]
    # the base is 0 % of the tuned weights, and its change against itself is none
    if points[0].share > 0:
        pieces[0].append(_base_dot(label))
    for point in points:
        cell = next((cell for cell in point.cells if cell.domain == slug), None)
        if cell is None or math.isnan(cell.change):
            pieces.append([])
        else:
            pieces[-1].append(_dot(label, point, cell))
    dots = [dot for piece in pieces for dot in piece]
    return BlendPanel(
        label=label,
        is_target=role is Role.TARGET,
        change=axis,
        pieces=tuple(tuple(piece) for piece in pieces if piece),
        summary="; ".join(dot.hint for dot in dots),
    )


def _base_dot(label: str) -> BlendDot:
    return BlendDot(
        share=0.0, change=0.0, low=0.0, high=0.0, is_allowed=True, hint=f"{label}, 0 %: the base"
    )


def _dot(label: str, point: BlendPoint, cell: BlendCell) -> BlendDot:
    moved = f"{wording.change(cell.change)} {wording.interval(cell.low, cell.high)}".strip()
    allowed = "allowed" if point.is_allowed else "not allowed"
    return BlendDot(
        share=point.share,
        change=100 * cell.change,
        low=100 * cell.low,
        high=100 * cell.high,
        is_allowed=point.is_allowed,
        hint=f"{label}, {percent_of(point.share)}: {cell.verdict}, {moved}, {allowed}",
    )


def percent_of(share: float) -> str:
    """Return a share of tuned weights.

    >>> percent_of(0.125), percent_of(0.3)
    ('12.5 %', '30 %')
    """
    return f"{100 * share:.3g} %"


def share_axis() -> Axis:
    """Return the axis from base to tuned weights."""
    ticks = tuple(Tick(value=v, text=percent_of(v)) for v in (0.0, 0.5, 1.0))
    return Axis(low=0.0, high=1.0, ticks=ticks, title="share of tuned weights")
