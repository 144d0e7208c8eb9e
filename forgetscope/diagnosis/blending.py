"""Blends: which shares to try, and which of them to take."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forgetscope.diagnosis.gate import gate_rows, held_at_gate
from forgetscope.records import (
    UNBOUNDED_METRICS,
    BlendCell,
    BlendPoint,
    Cell,
    Comparison,
    Role,
    Verdict,
)
from forgetscope.suites import Require

__all__ = [
    "COARSE",
    "FINER",
    "UNMEASURED",
    "cell_of",
    "choose",
    "finer_shares",
    "gain_of",
    "point_of",
    "why_none",
    "worst_of",
]

COARSE = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the tuned weights that are tried first."""
FINER = (0.1, 0.05)
"""Steps to both sides of the best share so far, one after the other."""

UNMEASURED = "no general domain can be measured"
"""Why a blend of which nothing is known is not allowed."""

_DIGITS = 4


def point_of(
    comparison: Comparison, *, share: float, require: Require, stopped: Sequence[str] = ()
) -> BlendPoint:
    """Return what the items of the search say of a blend.

    Parameters
    ----------
    comparison
        Of the base with the blend.
    share
        Of the tuned weights.
    require
        `not-forgot` allows a blend unless a general domain is FORGOT, or none can be measured;
        `held` wants every general domain proved held, each at its own level as the gate does.
    stopped
        Domains that were proved FORGOT before all items were asked. Verdicts on a part whose
        size was not fixed beforehand prove nothing, so of others nothing is said.
    """
    rows = gate_rows(comparison)
    forgot = list(stopped) or [row.name for row in rows if row.verdict is Verdict.FORGOT]
    unproved = [row.name for row in rows if not held_at_gate(row)] if require == "held" else []
    reason = ""
    if forgot:
        reason = f"forgot {', '.join(forgot)}"
    elif all(row.verdict is Verdict.CANNOT_MEASURE for row in rows):
        reason = UNMEASURED
    elif unproved:
        reason = f"not proved held: {', '.join(unproved)}"
    return BlendPoint(
        share=share,
        cells=tuple(map(cell_of, comparison.domains)),
        is_allowed=not reason,
        reason=reason,
        was_stopped=bool(stopped),
    )


def cell_of(cell: Cell) -> BlendCell:
    """Return what a curve keeps of a domain."""
    return BlendCell(
        domain=cell.domain,
        role=cell.role,
        n=cell.n,
        change=cell.change,
        low=cell.low,
        high=cell.high,
        verdict=cell.verdict,
        metric=cell.metric,
    )


def gain_of(point: BlendPoint) -> float:
    """Return the change over the items of the target domains; nan where there are none."""
    cells = [cell for cell in point.cells if cell.role is Role.TARGET and cell.n]
    n = sum(cell.n for cell in cells)
    return math.fsum(cell.n * cell.change for cell in cells) / n if n else math.nan


def worst_of(point: BlendPoint) -> BlendCell | None:
    """Return the general domain that changed for the worst; in its own unit only if all have one.

    `None` where nothing is measured.
    """
    cells = [cell for cell in point.cells if cell.role is Role.GENERAL]
    measured = [cell for cell in cells if not math.isnan(cell.change)]
    in_points = [cell for cell in measured if cell.metric not in UNBOUNDED_METRICS]
    return min(in_points or measured, key=lambda cell: cell.change, default=None)


def choose(points: Sequence[BlendPoint]) -> BlendPoint | None:
    """Return the allowed blend with the largest gain on the target, the nearer to the base of two.

    The base itself is none, and neither is a blend that gains nothing: `None` where no other is
    left.
    """
    good = [point for point in points if point.is_allowed and point.share > 0]
    gainful = [point for point in good if gain_of(point) > 0]
    return max(gainful, key=lambda point: (gain_of(point), -point.share), default=None)


def why_none(points: Sequence[BlendPoint], *, require: Require) -> str:
    """Return why no blend was chosen."""
    gainful = [point for point in points if point.share > 0 and gain_of(point) > 0]
    if not gainful:
        return "no blend gains on the target"
    if all(point.reason == UNMEASURED for point in gainful):
        return f"{UNMEASURED} on the items that choose"
    if require == "held":
        return "no blend that gains on the target is proved to hold every general domain"
    return "every blend that gains on the target forgot something"


def finer_shares(points: Sequence[BlendPoint], *, step: float) -> tuple[float, ...]:
    """Return the shares a step to either side of the best so far that were not tried yet.

    Where no blend is allowed the base is the best.
    """
    best = choose(points)
    centre = 0.0 if best is None else best.share
    tried = {point.share for point in points}
    near = (round(centre - step, _DIGITS), round(centre + step, _DIGITS))
    return tuple(share for share in near if 0.0 < share < 1.0 and share not in tried)
