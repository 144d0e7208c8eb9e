"""The two signals of RECAP: is an objective still moving, and is it volatile.

Both are ratios, of its last values. Fewer than two values tell nothing yet: convergence is then 1
and instability 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["LARGEST", "NEAR_ZERO", "Halves", "halves", "instability", "lagging"]

NEAR_ZERO = 1e-6
"""A mean below this, of a reward or in nats, is no denominator."""

LARGEST = 1e100
"""Values beyond it are taken for it, so that no sum of them overflows."""


class Halves(NamedTuple):
    """An even number of values, the earlier half and the later one."""

    old: float
    """Mean of the earlier half."""
    new: float
    """Mean of the later half."""
    distance: float
    """Root of the summed squared distances from the mean of all."""
    n: int
    """Values in both halves together."""


def halves(values: Sequence[float]) -> Halves:
    """Return the halves of two values or more; of an odd number the oldest is left out."""
    n = len(values)
    if n % 2:
        values, n = values[1:], n - 1
    size = n // 2
    old, new = math.fsum(values[:size]) / size, math.fsum(values[size:]) / size
    # `dist` neither overflows nor cancels, and is several times faster than summing squares here
    return Halves(old, new, math.dist(values, ((old + new) / 2,) * n), n)


def lagging(of: Halves, *, is_loss: bool, floor: float, largest: float) -> float:
    """Return how far an objective stood still or fell back: 1 is a standstill, less is progress.

    mean(new) / mean(old) of losses, mean(old) / mean(new) of rewards, `floor` added to both means,
    within [1 / largest, largest]. Where a mean is no denominator, a reward counts as stagnant (its
    convergence is `largest`), because nothing earned is nothing learnt; a loss counts as
    `NEAR_ZERO`, because there is nothing left to learn.
    """
    old, new = of.old + floor, of.new + floor
    if is_loss:
        ratio = max(new, NEAR_ZERO) / max(old, NEAR_ZERO)
    elif old < NEAR_ZERO or new < NEAR_ZERO:
        return largest
    else:
        ratio = old / new
    return min(max(ratio, 1.0 / largest), largest)


def instability(of: Halves, *, floor: float, ddof: int) -> float:
    """Return the standard deviation of the values over their mean, `floor` added to the mean.

    Values that are not negative cannot exceed sqrt(n); others are held to that.
    """
    deviation = of.distance / math.sqrt(of.n - ddof)
    mean = abs((of.old + of.new) / 2 + floor)
    return min(deviation / max(mean, NEAR_ZERO), math.sqrt(of.n))
