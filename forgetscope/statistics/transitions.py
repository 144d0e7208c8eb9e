"""Gross transitions: how many items were lost and gained, whatever the net change.

I paired items with 0/1 scores. An average that stands still can hide any number of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from forgetscope.statistics.clustered import clustered_mean, renumbered
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.measured import Measured
from forgetscope.statistics.proportions import clopper_pearson, wilson

__all__ = ["TransitionShares", "transitions"]

_RARE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionShares:
    """Counts of the four transitions, and the shares made of them with their intervals."""

    n11: int
    n10: int
    """Right before and wrong after: lost."""
    n01: int
    """Wrong before and right after: gained."""
    n00: int
    lost: Measured
    """n10 / n."""
    gained: Measured
    """n01 / n."""
    churn: Measured
    """(n10 + n01) / n: positive and negative flips (arXiv:2407.09141)."""
    lost_of_known: Measured
    """n10 / (n11 + n10); undefined where nothing was right before."""
    lost_of_changed: Measured
    """n10 / (n10 + n01), exact; undefined where nothing changed."""
    wrong_to_other_wrong: Measured
    """Of the items wrong both times with a known choice on both sides: those that chose another
    option; undefined where there are none."""


def transitions(
    before_I: NDArray[np.float64],
    after_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    choice_before_I: NDArray[np.int64] | None = None,
    choice_after_I: NDArray[np.int64] | None = None,
) -> TransitionShares:
    """Count the transitions of 0/1 scores and say how well their shares are known.

    The intervals are Wilson's, and those of Clopper and Pearson where fewer than five items were
    counted; so if none of n items was lost, the upper bound is 1 - alpha^(1/n), about 3/n. Items
    that share clusters enter with counts divided by the design effect of what is counted, and the
    fewer the clusters, the less that effect is trusted.

    Parameters
    ----------
    before_I, after_I
        Scores, each 0 or 1.
    cluster_I
        Cluster of each pair, whole numbers.
    alpha
        Error probability of each end of an interval.
    choice_before_I, choice_after_I
        Place of the chosen option; below 0 where it is not known.

    Raises
    ------
    ValueError
        If a score is neither 0 nor 1.
    """
    was_I, is_I = _right(before_I), _right(after_I)
    lost_I, gained_I = was_I & ~is_I, ~was_I & is_I
    moved_I, everywhere_I = lost_I | gained_I, np.ones(len(was_I), dtype=bool)

    def share(hit_I: NDArray[np.bool_], of_I: NDArray[np.bool_]) -> Measured:
        return _share(hit_I[of_I], cluster_I[of_I], alpha=alpha)

    other = Measured.undefined(alpha)
    if choice_before_I is not None and choice_after_I is not None:
        known_I = (choice_before_I >= 0) & (choice_after_I >= 0)
        other = share(choice_before_I != choice_after_I, ~was_I & ~is_I & known_I)
    return TransitionShares(
        n11=int((was_I & is_I).sum()),
        n10=int(lost_I.sum()),
        n01=int(gained_I.sum()),
        n00=int((~was_I & ~is_I).sum()),
        lost=share(lost_I, everywhere_I),
        gained=share(gained_I, everywhere_I),
        churn=share(moved_I, everywhere_I),
        lost_of_known=share(lost_I, was_I),
        lost_of_changed=_share(lost_I[moved_I], cluster_I[moved_I], alpha=alpha, is_exact=True),
        wrong_to_other_wrong=other,
    )


def _right(score_I: NDArray[np.float64]) -> NDArray[np.bool_]:
    right_I: NDArray[np.bool_] = score_I == 1.0
    if not np.all(right_I | (score_I == 0.0)):
        raise ValueError("transitions need scores that are 0 or 1")
    return right_I


def _share(
    hit_I: NDArray[np.bool_], cluster_I: NDArray[np.intp], *, alpha: float, is_exact: bool = False
) -> Measured:
    """Return the share of hits; its interval counts clustered items for what they are worth."""
    n, count = len(hit_I), int(hit_I.sum())
    if n == 0:
        return Measured.undefined(alpha)
    worth = _worth(hit_I, cluster_I, alpha=alpha)
    if math.isnan(worth):
        interval = Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
    elif is_exact or count / worth < _RARE:
        interval = clopper_pearson(count / worth, n / worth, alpha=alpha)
    else:
        interval = wilson(count / worth, n / worth, alpha=alpha)
    return Measured(value=count / n, interval=interval)


def _worth(hit_I: NDArray[np.bool_], cluster_I: NDArray[np.intp], *, alpha: float) -> float:
    """Return how many clustered items are worth one; nan for one cluster of several items.

    The design effect; where it had to be estimated from G clusters, times the square of Student's
    over the normal quantile (Korn and Graubard 1998, Survey Methodology 24:193-201).
    """
    # a subset of the items may miss some clusters: number those that are left
    own_I = renumbered(cluster_I)
    n_clusters = int(own_I.max()) + 1
    if n_clusters == len(hit_I):
        return 1.0
    estimate = clustered_mean(hit_I.astype(np.float64), own_I)
    if not estimate.standard_error_iid > 0.0:
        return estimate.design_effect
    stretch = float(stdtrit(n_clusters - 1, alpha) / ndtri(alpha)) if n_clusters > 1 else 1.0
    return estimate.design_effect * stretch**2
