"""How many items a proof needs, and how small a change a number of items can show."""

from __future__ import annotations

import math

from scipy.special import ndtri

from forgetscope.statistics.change import NetChange

__all__ = ["detectable_change", "further_items", "required_items"]


def required_items(variance: float, *, gap: float, alpha: float, power: float = 0.8) -> int | None:
    """Return the items needed to tell a mean from a bound that is `gap` away.

    N = ceil((z_{1-alpha} + z_power)^2 variance / gap^2), one-sided; for 0/1 scores without net
    change the variance is the share of pairs that change. `None` if no number suffices.
    """
    if gap <= 0.0 or not variance > 0.0:
        return None
    reach = -float(ndtri(alpha)) + float(ndtri(power))
    return math.ceil(reach**2 * variance / gap**2)


def detectable_change(standard_error: float, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest change that is proved with probability `power`: 2.486 SE by default."""
    return (-float(ndtri(alpha)) + float(ndtri(power))) * standard_error


def further_items(
    change: NetChange, *, margin: float, alpha: float, power: float = 0.8
) -> int | None:
    """Return how many more items would settle an open case; `None` if that cannot be said.

    Plans for FORGOT if the estimate is beyond the margin. Else plans for HELD and, because an
    estimate that is low by chance is lower than the truth, at half the loss seen; where the items
    at hand should already have settled that, at the loss seen.
    """
    variance = _planning_variance(change)
    seen = min(change.change, 0.0)
    if change.change < -margin:
        gaps = [-(change.change + margin)]
    else:
        gaps = [margin + max(seen / 2, -margin / 2), margin + seen]
    least = _fewest_to_hold(change, margin=margin, alpha=alpha)
    for gap in gaps:
        needed = required_items(variance, gap=gap, alpha=alpha, power=power)
        if needed is not None and max(needed, least) > change.n:
            return max(needed, least) - change.n
    return None


def _fewest_to_hold(change: NetChange, *, margin: float, alpha: float) -> int:
    """Return how many items prove a margin if none of them changes; 0 where none can say.

    Tango's limits without a changed pair are +-z^2/(n + z^2).
    """
    if not change.is_binary or change.change < -margin or margin <= 0.0:
        return 0
    z_squared = float(ndtri(alpha)) ** 2
    return math.floor(change.design_effect * z_squared * (1 - margin) / margin) + 1


def _planning_variance(change: NetChange) -> float:
    """Return the variance per item, never below what one changed pair more would show."""
    floor = (1 + change.fell + change.rose) / (change.n + 2) if change.is_binary else 0.0
    return max(change.variance, floor) * change.design_effect
