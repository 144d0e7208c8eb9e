"""Lost and gained with guessing taken out, for multiple choice.

The model: an item is known or guessed uniformly among its k options. If it is known neither
before nor after, the second guess copies the first with probability q, else it is independent.
Then of such items, per item wrong both times,

    r = g (1 - q) / ((1 - g) + q g)           went from right to wrong,        g = 1/k,
    s = (q + (1 - q) g) / ((1 - g) + q g)     chose the SAME wrong option twice.

An item known before and not after is wrong after with probability 1 - g. So the share of items
whose knowledge was lost is the mean of v = (1{10} - r 1{00}) / (1 - g), with k, g and r those of
each item. One q serves all items: s rises with q for every k > 2, so there is one q for which the
expected number of repeated wrong options, the sum of s over the items wrong both times, is the
number seen. For a single k this is q = (s (1 - g) - g) / (1 - g - s g) at the observed share s.
With two options a second wrong answer is always the same one and tells nothing of q.

Real distractors are not equally attractive, and stable misconceptions count as copying.
I items.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from forgetscope.statistics.clustered import ClusteredMean, clustered_mean
from forgetscope.statistics.measured import Measured

__all__ = ["CorrectedTransitions", "corrected_transitions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedTransitions:
    """Shares of items whose knowledge was lost or gained; negative ones are noise about zero."""

    lost: Measured
    """Undefined where only bounds are possible: no item of three or more options, with known
    choices, is wrong both times."""
    gained: Measured
    lost_low: float
    """The estimate if second guesses never copy the first ..."""
    lost_high: float
    """... and if they always do. By sampling noise `lost` can lie outside, where fewer wrong
    options were repeated than chance alone repeats."""
    gained_low: float
    gained_high: float
    copying: float
    """Estimate of q, in [0, 1] (0 where it came out negative); nan where `lost` is undefined."""
    known_before: Measured
    """Mean of (k x - 1) / (k - 1): the share of items known."""
    known_after: Measured
    retention: float
    """1 - lost / known before; nan where known before is not above two standard errors."""
    published_lost: float
    """max(O10 - chance, 0) of Harmon et al. (arXiv:2510.17776), whose chance flips take knowledge
    before and after as independent."""
    published_gained: float
    published_chance: float
    """(1 - a before) (1 - a after) / (k - 1); where k varies, the mean over the groups of equal k,
    weighted by their number of items."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Copying:
    """The estimate of q, and what each item contributes to its error."""

    share: float
    """Negative where wrong options were repeated less often than by chance."""
    error_I: NDArray[np.float64]
    """Mean over items is the first-order error of q."""


def corrected_transitions(
    before_I: NDArray[np.float64],
    after_I: NDArray[np.float64],
    options_I: NDArray[np.int64],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    same_wrong_I: NDArray[np.float64] | None = None,
) -> CorrectedTransitions:
    """Estimate the shares of items whose knowledge was lost and gained.

    The net change needs no such correction: lost minus gained is the mean of
    (before - after) k / (k - 1), whatever q is. The standard error is cluster-robust and, to first
    order, includes that of q.

    Parameters
    ----------
    before_I, after_I
        Scores, each 0 or 1.
    options_I
        Number of options of each item, at least 2.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    alpha
        Error probability of each end of an interval.
    same_wrong_I
        Of items wrong both times: 1 if the same option was chosen, 0 if another, nan where that is
        not known. Other items are not looked at.

    Raises
    ------
    ValueError
        If a score or a flag is neither 0 nor 1, or an item has fewer than two options.
    """
    _check(before_I, after_I, options_I)
    guess_I = 1.0 / options_I
    wrong_I = (before_I == 0.0) & (after_I == 0.0)
    lost_I, gained_I = (before_I > after_I).astype(float), (after_I > before_I).astype(float)
    copying = _copying(same_wrong_I, wrong_I, guess_I)
    lost = _corrected(lost_I, wrong_I, guess_I, cluster_I, copying)
    gained = _corrected(gained_I, wrong_I, guess_I, cluster_I, copying)
    known_before, known_after = (
        clustered_mean((x_I - guess_I) / (1.0 - guess_I), cluster_I) for x_I in (before_I, after_I)
    )
    by_chance = _published_chance(before_I, after_I, options_I)
    return CorrectedTransitions(
        lost=_measured(lost, alpha),
        gained=_measured(gained, alpha),
        lost_low=_bound(lost_I, wrong_I, guess_I, 0.0),
        lost_high=_bound(lost_I, wrong_I, guess_I, 1.0),
        gained_low=_bound(gained_I, wrong_I, guess_I, 0.0),
        gained_high=_bound(gained_I, wrong_I, guess_I, 1.0),
        copying=math.nan if copying is None else max(copying.share, 0.0),
        known_before=Measured.of_mean(known_before, alpha=alpha),
        known_after=Measured.of_mean(known_after, alpha=alpha),
        retention=_retention(lost, known_before),
        published_lost=max(_mean(lost_I) - by_chance, 0.0),
        published_gained=max(_mean(gained_I) - by_chance, 0.0),
        published_chance=by_chance,
    )


def _check(
    before_I: NDArray[np.float64], after_I: NDArray[np.float64], options_I: NDArray[np.int64]
) -> None:
    score_2I = np.stack([before_I, after_I])
    if not np.all((score_2I == 0.0) | (score_2I == 1.0)):
        raise ValueError("the guessing model needs scores that are 0 or 1")
    if len(options_I) and options_I.min() < 2:
        raise ValueError(f"an item needs at least 2 options, not {options_I.min()}")


def _mean(value_I: NDArray[np.float64]) -> float:
    return float(value_I.mean()) if len(value_I) else math.nan


def _flips(guess_I: NDArray[np.float64], copying: float) -> NDArray[np.float64]:
    """Return r: right-to-wrong items per item wrong both times, of items never known."""
    return guess_I * (1.0 - copying) / (1.0 - guess_I + copying * guess_I)


def _repeats(guess_I: NDArray[np.float64], copying: float) -> NDArray[np.float64]:
    """Return s: the expected share of repeated options among items wrong both times."""
    return (copying + (1.0 - copying) * guess_I) / (1.0 - guess_I + copying * guess_I)


def _copying(
    same_wrong_I: NDArray[np.float64] | None,
    wrong_I: NDArray[np.bool_],
    guess_I: NDArray[np.float64],
) -> _Copying | None:
    """Return the q, at most 1, that expects as many repeated wrong options as were seen."""
    if same_wrong_I is None:
        return None
    told_I = wrong_I & (guess_I < 0.5) & ~np.isnan(same_wrong_I)
    if not told_I.any():
        return None
    same_i, guess_i = same_wrong_I[told_I], guess_I[told_I]
    if not np.all((same_i == 0.0) | (same_i == 1.0)):
        raise ValueError("the flags of repeated wrong options must be 0, 1 or nan")
    guess_V, count_V = np.unique(guess_i, return_counts=True)

    def surplus(copying: float) -> float:
        return float(same_i.sum() - count_V @ _repeats(guess_V, copying))

    # s is -1 at q = -1 and 1 at q = 1, so the root lies between. Below 0, fewer options were
    # repeated than chance repeats on average: to stop at 0 would bias the estimates upwards
    share = 1.0 if same_i.all() else float(brentq(surplus, -1.0, 1.0, xtol=1e-13))
    # ds/dq; one item's surplus moves q by its size over the slope of the sum
    slope_i = (1.0 - 2.0 * guess_i) / np.square(1.0 - guess_i + share * guess_i)
    error_I = np.zeros(len(wrong_I))
    error_I[told_I] = (same_i - _repeats(guess_i, share)) * len(wrong_I) / slope_i.sum()
    return _Copying(share=share, error_I=error_I)


def _corrected(
    moved_I: NDArray[np.float64],
    wrong_I: NDArray[np.bool_],
    guess_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    copying: _Copying | None,
) -> ClusteredMean | None:
    """Return the mean of (1{moved} - r 1{00}) / (1 - g), with the error of q in its error."""
    if copying is None:
        return None
    q = copying.share
    value_I = (moved_I - _flips(guess_I, q) * wrong_I) / (1.0 - guess_I)
    # dr/dq = -g / (1 - g + q g)^2, and the mean moves against r
    slope_I = guess_I / np.square(1.0 - guess_I + q * guess_I) * wrong_I / (1.0 - guess_I)
    linear = clustered_mean(value_I + slope_I.mean() * copying.error_I, cluster_I)
    # the surpluses add up to zero, up to rounding
    return replace(linear, mean=float(value_I.mean()))


def _measured(estimate: ClusteredMean | None, alpha: float) -> Measured:
    if estimate is None:
        return Measured.undefined(alpha)
    return Measured.of_mean(estimate, alpha=alpha)


def _bound(
    moved_I: NDArray[np.float64],
    wrong_I: NDArray[np.bool_],
    guess_I: NDArray[np.float64],
    copying: float,
) -> float:
    return _mean((moved_I - _flips(guess_I, copying) * wrong_I) / (1.0 - guess_I))


def _retention(lost: ClusteredMean | None, known_before: ClusteredMean) -> float:
    # written so that nan is refused too
    if lost is None or not known_before.mean > 2.0 * known_before.standard_error:
        return math.nan
    return 1.0 - lost.mean / known_before.mean


def _published_chance(
    before_I: NDArray[np.float64], after_I: NDArray[np.float64], options_I: NDArray[np.int64]
) -> float:
    if len(options_I) == 0:
        return math.nan
    option_V, group_I, count_V = np.unique(options_I, return_inverse=True, return_counts=True)
    wrong_before_V = np.bincount(group_I, weights=1.0 - before_I) / count_V
    wrong_after_V = np.bincount(group_I, weights=1.0 - after_I) / count_V
    chance_V = wrong_before_V * wrong_after_V / (option_V - 1)
    return float(count_V @ chance_V / len(options_I))
