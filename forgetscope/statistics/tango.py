"""Score interval for a difference of paired proportions.

Of n pairs of 0/1 outcomes, `lost` went from 1 to 0 and `gained` from 0 to 1. The interval inverts
the score test, whose variance is that under the tested difference, not under the observed one: it
stays honest where few pairs changed, and exists where none did (Tango 1998, Statistics in Medicine
17:891-908). Effective counts of clustered pairs need not be whole numbers.
"""

from __future__ import annotations

import math

from scipy.special import ndtri

from forgetscope.statistics.interval import Interval

__all__ = ["constrained_share", "tango_interval", "tango_limits", "tango_score"]

_HALVINGS = 60  # 2 / 2**60 is below the spacing of doubles near 1


def constrained_share(lost: float, gained: float, n: float, loss: float) -> float:
    """Return the share of gained pairs that fits best if the true loss were `loss`.

    The larger root of A q^2 + B q + C = 0 with A = 2n, B = -b - c + (2n - b + c) D and
    C = -c D (1 - D), for b lost, c gained and loss D in [-1, 1] (Tango 1998, section 3).
    """
    a = 2.0 * n
    b = -lost - gained + (a - lost + gained) * loss
    c = -gained * loss * (1.0 - loss)
    root = math.sqrt(max(b * b - 4.0 * a * c, 0.0))
    if b > 0.0:  # the usual form would subtract two nearly equal numbers
        return -2.0 * c / (root + b)
    return (root - b) / (2.0 * a)


def tango_score(lost: float, gained: float, n: float, loss: float) -> float:
    """Return the score statistic T of a true loss; it falls as `loss` rises."""
    share = constrained_share(lost, gained, n, loss)
    distance = lost - gained - n * loss
    variance = n * (2.0 * share + loss * (1.0 - loss))
    if variance <= 0.0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def tango_limits(lost: float, gained: float, n: float, *, quantile: float) -> tuple[float, float]:
    """Return the lower and upper limit of the loss at |T| = `quantile`.

    Where T never reaches the quantile on a side, the limit is -1 or 1.
    """
    centre = (lost - gained) / n

    def root(beyond: float, target: float) -> float:
        outside, inside = beyond, centre
        for _ in range(_HALVINGS):
            middle = 0.5 * (outside + inside)
            if abs(tango_score(lost, gained, n, middle)) > target:
                outside = middle
            else:
                inside = middle
        return 0.5 * (outside + inside)

    return root(-1.0, quantile), root(1.0, quantile)


def tango_interval(
    lost: float, gained: float, n: float, *, alpha: float, quantile: float | None = None
) -> Interval:
    """Return the score interval of the net change (gained - lost) / n.

    Parameters
    ----------
    lost, gained, n
        Pairs that went 1 to 0, that went 0 to 1, and all pairs; effective counts are allowed.
    alpha
        Error probability of each end, in (0, 0.5).
    quantile
        Replaces the normal quantile of `alpha`, for instance by Student's for few clusters.

    Raises
    ------
    ValueError
        If the counts are negative, or more pairs changed than there are.
    """
    if lost < 0 or gained < 0 or lost + gained > n * (1.0 + 1e-12):
        raise ValueError(f"impossible counts: {lost} lost and {gained} gained of {n} pairs")
    if n == 0:
        return Interval(low=math.nan, high=math.nan, alpha=alpha, method="tango")
    reach = -float(ndtri(alpha)) if quantile is None else quantile
    low_loss, high_loss = tango_limits(lost, gained, n, quantile=reach)
    return Interval(low=-high_loss, high=-low_loss, alpha=alpha, method="tango")
