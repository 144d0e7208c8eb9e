"""Cluster bootstrap of aggregates that are no means: MCC, F1, and what else comes from counts.

Whole clusters are drawn with replacement, the same ones on both sides, and the aggregate is made
anew from what was drawn. It learns from what the sample shows: where fewer than about 20 clusters
differ between the sides, its ends are too close, and where none does there are none. By simulation
its 90 % intervals hold the truth in 87 to 88 % of the studies of 40 clusters, 90 % of those of 120.

R resamples, G clusters, I items, K classes. A table has the gold class in its rows, the predicted
one in its columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from forgetscope.statistics.interval import Interval

__all__ = [
    "AggregateChange",
    "bootstrap_change",
    "confusion_by_cluster",
    "f1",
    "matthews",
    "resampled_change",
]

_CELLS = 4_000_000  # numbers held at once
_BEYOND = 20  # resamples beyond each end
_MOST_LEFT_OUT = 2_000
_TIE = 1e-12  # resummed tables differ in the last digits

Pair = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From how often each cluster counts (R, G) to the aggregate before and after (2, R)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateChange:
    """An aggregate before and after, and how well its change is known."""

    before: float
    after: float
    change: float
    interval: Interval
    """BCa, or percentile where BCa is undefined; nan where the clusters cannot tell."""
    n_clusters: int
    n_draws: int
    n_undefined: int
    """Resamples in which the aggregate of a side was undefined; they count beyond both ends."""
    seed: int


def matthews(table_KK: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Matthews' correlation of gold and predicted class, for tables of shape (..., K, K).

    For more than two classes Gorodkin's R_K. nan, not 0, where one side knows only one class:
    a correlation with a constant does not exist.
    """
    table_KK = np.asarray(table_KK, dtype=np.float64)
    total = table_KK.sum(axis=(-2, -1))
    right = np.trace(table_KK, axis1=-2, axis2=-1)
    gold_K, predicted_K = table_KK.sum(axis=-1), table_KK.sum(axis=-2)
    covariance = right * total - (gold_K * predicted_K).sum(axis=-1)
    spread = total**2 - np.square(gold_K).sum(axis=-1)
    spread_predicted = total**2 - np.square(predicted_K).sum(axis=-1)
    return _ratio(covariance, np.sqrt(spread) * np.sqrt(spread_predicted))


def f1(table_KK: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 of class 1, 2 tp / (2 tp + fp + fn), for tables of shape (..., 2, 2).

    nan where class 1 is neither gold nor predicted anywhere.
    """
    table_KK = np.asarray(table_KK, dtype=np.float64)
    if table_KK.shape[-2:] != (2, 2):
        raise ValueError(f"F1 needs tables of two classes, not {table_KK.shape[-1]}")
    hit = 2.0 * table_KK[..., 1, 1]
    return _ratio(hit, hit + table_KK[..., 0, 1] + table_KK[..., 1, 0])


def _ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(under > 0.0, over / np.where(under > 0.0, under, 1.0), math.nan)


def confusion_by_cluster(
    gold_I: NDArray[np.intp],
    predicted_I: NDArray[np.intp],
    cluster_I: NDArray[np.intp],
    *,
    n_classes: int = 2,
) -> NDArray[np.float64]:
    """Return the confusion table of each cluster, shape (G, K, K).

    Parameters
    ----------
    gold_I, predicted_I
        Classes, from 0 to `n_classes` - 1.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.

    Raises
    ------
    ValueError
        If a class is out of range.
    """
    for name, class_I in (("gold", gold_I), ("predicted", predicted_I)):
        if len(class_I) and not 0 <= class_I.min() <= class_I.max() < n_classes:
            raise ValueError(f"{name} classes must be from 0 to {n_classes - 1}")
    n_clusters = int(cluster_I.max()) + 1 if len(cluster_I) else 0
    shape = (n_clusters, n_classes, n_classes)
    place_I = (cluster_I * n_classes + gold_I) * n_classes + predicted_I
    count = np.bincount(place_I.astype(np.intp), minlength=math.prod(shape))
    return count.reshape(shape).astype(np.float64)


def bootstrap_change(
    before_GKK: NDArray[np.float64],
    after_GKK: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    alpha: float,
    seed: int,
    draws: int = 2_000,
) -> AggregateChange:
    """Return the change of an aggregate of tables, resampling whole clusters.

    Parameters
    ----------
    before_GKK, after_GKK
        One table of counts per cluster, the same clusters on both sides.
    statistic
        From tables (..., K, K) to aggregates (...), such as `matthews` and `f1`.
    alpha
        Error probability of each end, in (0, 0.5).
    draws
        Resamples at least; more are drawn where fewer than 20 would lie beyond an end.

    Raises
    ------
    ValueError
        If the sides differ in shape, or `alpha` is out of range.
    """
    if before_GKK.shape != after_GKK.shape:
        raise ValueError(f"tables of shapes {before_GKK.shape} and {after_GKK.shape}")
    n_clusters, *shape = before_GKK.shape
    flat_GS = np.stack([before_GKK, after_GKK], axis=1).reshape(n_clusters, 2 * math.prod(shape))

    def pair(count_RG: NDArray[np.float64]) -> NDArray[np.float64]:
        table_R2KK = (count_RG @ flat_GS).reshape(len(count_RG), 2, *shape)
        return np.stack([statistic(table_R2KK[:, 0]), statistic(table_R2KK[:, 1])])

    return resampled_change(pair, n_clusters, alpha=alpha, seed=seed, draws=draws)


def resampled_change(
    pair: Pair,
    n_clusters: int,
    *,
    alpha: float,
    seed: int,
    draws: int = 2_000,
    width: int | None = None,
) -> AggregateChange:
    """Return the change of any aggregate that can be made from how often each cluster counts.

    Parameters
    ----------
    pair
        From counts (R, G) to the aggregates before and after, shape (2, R); nan where undefined.
    width
        Numbers that `pair` needs per resample, by default the number of clusters; it bounds the
        resamples handed in at once.
    """
    if not 0.0 < alpha < 0.5:
        raise ValueError(f"alpha must be in (0, 0.5), not {alpha}")
    n_draws = max(draws, math.ceil(_BEYOND / alpha))
    before, after = (float(side_R[0]) for side_R in pair(np.ones((1, n_clusters))))
    change = after - before
    portion = max(1, _CELLS // max(n_clusters, width or 0, 1))
    change_R = np.full(n_draws, math.nan)
    interval = Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
    if n_clusters > 1 and not math.isnan(change):
        rng = np.random.default_rng(seed)
        for start in range(0, n_draws, portion):
            part_R = change_R[start : start + portion]
            side_2R = pair(_drawn_counts(len(part_R), n_clusters, rng))
            part_R[:] = side_2R[1] - side_2R[0]
        interval = _bca(change, change_R, _left_out(pair, n_clusters, portion), alpha=alpha)
    return AggregateChange(
        before=before,
        after=after,
        change=change,
        interval=interval,
        n_clusters=n_clusters,
        n_draws=n_draws,
        n_undefined=int(np.isnan(change_R).sum()),
        seed=seed,
    )


def _drawn_counts(n_draws: int, n_clusters: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each cluster is drawn in each resample."""
    place_RG = rng.integers(0, n_clusters, size=(n_draws, n_clusters))
    place_RG += n_clusters * np.arange(n_draws)[:, None]
    count = np.bincount(place_RG.ravel(), minlength=n_draws * n_clusters)
    return count.reshape(n_draws, n_clusters).astype(np.float64)


def _left_out(pair: Pair, n_clusters: int, portion: int) -> NDArray[np.float64]:
    """Return the change without each cluster; without each of 2,000 groups where there are more."""
    n_groups = min(n_clusters, _MOST_LEFT_OUT)
    group_G = np.arange(n_clusters) % n_groups
    change_J = np.empty(n_groups)
    for start in range(0, n_groups, portion):
        group_J = np.arange(start, min(start + portion, n_groups))
        side_2J = pair((group_J[:, None] != group_G).astype(np.float64))
        change_J[group_J] = side_2J[1] - side_2J[0]
    return change_J


def _bca(
    change: float,
    change_R: NDArray[np.float64],
    left_out_J: NDArray[np.float64],
    *,
    alpha: float,
) -> Interval:
    """Return the bias-corrected and accelerated interval (Efron 1987, JASA 82:171-185)."""
    known_R = change_R[~np.isnan(change_R)]
    tie = _TIE * max(1.0, abs(change))
    if known_R.size == 0 or known_R.max() - known_R.min() <= tie:
        return Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
    below = float((known_R < change - tie).mean() + (known_R <= change + tie).mean()) / 2.0
    bias = float(ndtri(below))
    level_2 = np.array([alpha, 1.0 - alpha])
    method = "percentile"
    acceleration = _acceleration(left_out_J)
    if math.isfinite(bias) and not math.isnan(acceleration):
        reach_2 = bias + ndtri(level_2)
        under_2 = 1.0 - acceleration * reach_2
        if (under_2 > 0.0).all():
            level_2, method = ndtr(bias + reach_2 / under_2), "BCa"
    low = _quantile(np.nan_to_num(change_R, nan=-math.inf), float(level_2[0]))
    high = _quantile(np.nan_to_num(change_R, nan=math.inf), float(level_2[1]))
    return Interval(low=low, high=high, alpha=alpha, method=f"bootstrap {method}")


def _acceleration(left_out_J: NDArray[np.float64]) -> float:
    """Return the skewness of what the clusters contribute, over six; nan if undefined."""
    influence_J = left_out_J.mean() - left_out_J
    if not np.abs(influence_J).max() > _TIE:
        return math.nan
    spread = float(np.square(influence_J).sum())
    return float((influence_J**3).sum()) / (6.0 * spread * math.sqrt(spread))


def _quantile(change_R: NDArray[np.float64], level: float) -> float:
    """Return a quantile between two neighbours; nan where an undefined resample is one of them."""
    place = level * (len(change_R) - 1)
    first, last = math.floor(place), math.ceil(place)
    sorted_R = np.partition(change_R, (first, last))
    low, high = float(sorted_R[first]), float(sorted_R[last])
    if math.isinf(low) or math.isinf(high):
        return math.nan
    return low + (place - first) * (high - low)
