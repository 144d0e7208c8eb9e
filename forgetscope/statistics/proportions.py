"""Intervals of one share: Wilson's, and the exact one of Clopper and Pearson."""

from __future__ import annotations

import math

from scipy.special import betaincinv, ndtri

from forgetscope.statistics.interval import Interval

__all__ = ["clopper_pearson", "wilson"]


def wilson(count: float, n: float, *, alpha: float) -> Interval:
    """Return Wilson's score interval of count/n, each end at one-sided `alpha`.

    Counts may be effective ones. For scores between 0 and 1 that are not 0/1, `count` is their sum
    and the interval is conservative: no such score varies more than 0/1 with the same mean.
    """
    if not 0 <= count <= n:
        raise ValueError(f"impossible count: {count} of {n}")
    if n == 0:
        return Interval(low=math.nan, high=math.nan, alpha=alpha, method="wilson")
    z2 = float(ndtri(alpha)) ** 2
    share = count / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return Interval(
        # at the ends the formula gives 0 and 1, up to rounding
        low=0.0 if count == 0 else max(0.0, centre - reach),
        high=1.0 if count == n else min(1.0, centre + reach),
        alpha=alpha,
        method="wilson",
    )


def clopper_pearson(count: float, n: float, *, alpha: float) -> Interval:
    """Return the exact interval of count/n, each end at one-sided `alpha`.

    For count 0 the upper end is 1 - alpha^(1/n), about 3/n.
    """
    if not 0 <= count <= n:
        raise ValueError(f"impossible count: {count} of {n}")
    if n == 0:
        return Interval(low=math.nan, high=math.nan, alpha=alpha, method="clopper-pearson")
    return Interval(
        low=float(betaincinv(count, n - count + 1, alpha)) if count > 0 else 0.0,
        high=float(betaincinv(count + 1, n - count, 1 - alpha)) if count < n else 1.0,
        alpha=alpha,
        method="clopper-pearson",
    )
