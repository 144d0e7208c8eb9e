"""Several samples of each answer: what changed, and what a rerun would change by itself.

I items, K samples before and L after, padded with nan: item i has as many samples as numbers.
M samples of both sides, R random permutations, D right samples among the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from forgetscope.statistics.clustered import clustered_mean, renumbered
from forgetscope.statistics.measured import Measured

__all__ = ["ChurnTest", "RepeatedTransitions", "churn_test", "repeated_transitions"]

_TIE = 1e-12
_AT_ONCE = 2_000_000  # numbers drawn in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedTransitions:
    """Expected transitions of sampled answers, and where the variance of the change comes from."""

    samples_before: float
    """Mean number of samples per item."""
    samples_after: float
    lost: Measured
    """Mean of x0 (1 - xt) over the item means: the expected share of lost items."""
    gained: Measured
    """Mean of (1 - x0) xt; gained minus lost is the net change."""
    self_flip: float
    """What a rerun of the model before would lose; nan where no item has two samples."""
    lost_beyond: Measured
    """Lost minus what the same items would lose by a rerun alone."""
    between: float
    """Variance over items of the expected change, at least 0; nan where not separable."""
    within_before: float
    """Mean variance of the samples of an item; nan where no item has two."""
    within_after: float
    within_share: float
    """Share of the variance of the change that more samples could remove, in [0, 1]; nan where a
    side has no item with two samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnTest:
    """Whether items change by more than sampling explains."""

    p_value: float
    """One-sided; nan where no side has a second sample, for then nothing can be told."""
    statistic: float
    """Mean over items of the fall (x0 - xt)+."""
    n_permutations: int
    seed: int


def repeated_transitions(
    before_IK: NDArray[np.float64],
    after_IL: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
) -> RepeatedTransitions:
    """Estimate expected transitions from samples, and split the variance of the net change.

    The variance of the mean change is (w2 + s2_before / K + s2_after / L) / n, with w2 between the
    items and s2 within them; where the number of samples varies, 1/K is averaged over the items.

    Parameters
    ----------
    before_IK, after_IL
        Scores of the samples in [0, 1], padded with nan; at least one sample an item.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    alpha
        Error probability of each end of an interval.

    Raises
    ------
    ValueError
        If an item has no sample on a side, or a score lies outside [0, 1].
    """
    count_before_I, count_after_I = _counts(before_IK), _counts(after_IL)
    before_I, after_I = np.nanmean(before_IK, axis=1), np.nanmean(after_IL, axis=1)
    lost_I, gained_I = before_I * (1.0 - after_I), (1.0 - before_I) * after_I
    flip_I = _self_flips(before_IK, before_I, count_before_I)
    within_before, within_after = _within(before_IK), _within(after_IL)
    noise = within_before * _mean(1.0 / count_before_I) + within_after * _mean(1.0 / count_after_I)
    total = float(np.var(after_I - before_I, ddof=1)) if len(before_I) > 1 else math.nan
    return RepeatedTransitions(
        samples_before=_mean(count_before_I),
        samples_after=_mean(count_after_I),
        lost=_clustered(lost_I, cluster_I, alpha),
        gained=_clustered(gained_I, cluster_I, alpha),
        self_flip=_mean(flip_I[~np.isnan(flip_I)]),
        lost_beyond=_clustered(lost_I - flip_I, cluster_I, alpha),
        # a difference of estimates; nan stays nan
        between=total - noise if math.isnan(noise) else max(total - noise, 0.0),
        within_before=within_before,
        within_after=within_after,
        within_share=min(noise / total, 1.0) if total > 0.0 else math.nan,
    )


def _counts(sample_IK: NDArray[np.float64]) -> NDArray[np.float64]:
    known_IK = ~np.isnan(sample_IK)
    count_I: NDArray[np.float64] = known_IK.sum(axis=1).astype(np.float64)
    if not np.all(count_I > 0):
        raise ValueError("every item needs at least one sample on each side")
    if not np.all((sample_IK[known_IK] >= 0.0) & (sample_IK[known_IK] <= 1.0)):
        raise ValueError("scores of samples must lie in [0, 1]")
    return count_I


def _mean(value_I: NDArray[np.float64]) -> float:
    return float(np.mean(value_I)) if len(value_I) else math.nan


def _self_flips(
    sample_IK: NDArray[np.float64], mean_I: NDArray[np.float64], count_I: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of x_k (1 - x_l) over the ordered pairs of different samples; nan for one.

    For 0/1 samples it is K/(K-1) x (1 - x) of the item's mean x.
    """
    square_I = np.nansum(np.square(sample_IK), axis=1)
    sum_I = mean_I * count_I
    pairs_I = np.where(count_I > 1, count_I * (count_I - 1), np.nan)
    flip_I: NDArray[np.float64] = (sum_I * (count_I - 1) - (sum_I**2 - square_I)) / pairs_I
    return flip_I


def _within(sample_IK: NDArray[np.float64]) -> float:
    """Return the mean unbiased variance of the items that have two samples; nan without one."""
    several_IK = sample_IK[(~np.isnan(sample_IK)).sum(axis=1) > 1]
    return float(np.nanvar(several_IK, axis=1, ddof=1).mean()) if len(several_IK) else math.nan


def _clustered(value_I: NDArray[np.float64], cluster_I: NDArray[np.intp], alpha: float) -> Measured:
    """Return the mean of the numbers among the values, with its clustered interval."""
    known_I = ~np.isnan(value_I)
    if not known_I.any():
        return Measured.undefined(alpha)
    own_i = renumbered(cluster_I[known_I])
    return Measured.of_mean(clustered_mean(value_I[known_I], own_i), alpha=alpha)


def churn_test(
    before_IK: NDArray[np.float64],
    after_IL: NDArray[np.float64],
    *,
    seed: int,
    permutations: int = 2000,
) -> ChurnTest:
    """Test that the samples of each item come from one model, whatever the averages do.

    If they do, all orders of an item's samples are equally likely; the statistic is the mean fall
    (x0 - xt)+ over the items. Clusters play no part: given the items, samples are independent.
    Items whose samples all agree cannot move.

    Parameters
    ----------
    before_IK, after_IL
        Scores of the samples, padded with nan; at least one sample an item.
    seed
        Of the permutations.
    permutations
        Their number R; p is (1 + hits) / (R + 1).
    """
    count_I, others_I = _counts(before_IK).astype(np.intp), _counts(after_IL).astype(np.intp)
    fall_I = np.maximum(np.nanmean(before_IK, axis=1) - np.nanmean(after_IL, axis=1), 0.0)
    statistic = _mean(fall_I)
    if len(count_I) == 0 or max(count_I.max(), others_I.max()) < 2:
        return ChurnTest(p_value=math.nan, statistic=statistic, n_permutations=0, seed=seed)
    both_IM = np.concatenate([before_IK, after_IL], axis=1)
    moves_I = np.nanmax(both_IM, axis=1) > np.nanmin(both_IM, axis=1)
    samples_iM, count_i, others_i = both_IM[moves_I], count_I[moves_I], others_I[moves_I]
    is_binary = np.all(np.isnan(samples_iM) | (samples_iM == 0.0) | (samples_iM == 1.0))
    draw = _drawn_binary if is_binary else _drawn
    fall_R = draw(samples_iM, count_i, others_i, permutations, np.random.default_rng(seed))
    hits = int((fall_R >= fall_I.sum() - _TIE * len(fall_I)).sum())
    return ChurnTest(
        p_value=(1 + hits) / (permutations + 1),
        statistic=statistic,
        n_permutations=permutations,
        seed=seed,
    )


def _drawn_binary(
    samples_iM: NDArray[np.float64],
    count_i: NDArray[np.intp],
    others_i: NDArray[np.intp],
    n_draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the sum over shuffled items of their falls, for samples that are 0 or 1.

    Items with as many right samples and as many samples on each side are alike: the right ones
    among the first are hypergeometric, and how many items have how many is one multinomial draw.
    """
    right_i = np.nansum(samples_iM, axis=1).astype(np.intp)
    kind_i3 = np.stack([right_i, count_i, others_i], axis=1)
    fall_R = np.zeros(n_draws)
    for (right, count, others), n_alike in zip(
        *np.unique(kind_i3, axis=0, return_counts=True), strict=True
    ):
        first_D = np.arange(count + 1)  # right samples among the first
        share_D = hypergeom.pmf(first_D, count + others, right, count)
        fall_D = np.maximum(first_D / count - (right - first_D) / others, 0.0)
        fall_R += rng.multinomial(n_alike, share_D / share_D.sum(), size=n_draws) @ fall_D
    return fall_R


def _drawn(
    samples_iM: NDArray[np.float64],
    count_i: NDArray[np.intp],
    others_i: NDArray[np.intp],
    n_draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the same for any scores, by shuffling: random keys, padding last."""
    # in an order of their own, so that the answer does not depend on that of items or samples
    samples_iM = np.sort(samples_iM, axis=1)
    order_i = np.lexsort((*samples_iM.T, others_i, count_i))
    samples_iM, count_i, others_i = samples_iM[order_i], count_i[order_i], others_i[order_i]
    is_first_iM = np.arange(samples_iM.shape[1]) < count_i[:, None]
    fall_R = np.empty(n_draws)
    chunk = max(1, _AT_ONCE // samples_iM.size)
    for start in range(0, n_draws, chunk):
        key_RiM = rng.random((min(chunk, n_draws - start), *samples_iM.shape))
        key_RiM[:, np.isnan(samples_iM)] = 2.0
        order_RiM = key_RiM.argsort(axis=2)
        mixed_RiM = np.take_along_axis(np.nan_to_num(samples_iM)[None], order_RiM, axis=2)
        first_Ri = (mixed_RiM * is_first_iM).sum(axis=2)
        rest_Ri = np.nansum(samples_iM, axis=1) - first_Ri
        falls_R = np.maximum(first_Ri / count_i - rest_Ri / others_i, 0.0).sum(axis=1)
        fall_R[start : start + len(falls_R)] = falls_R
    return fall_R
