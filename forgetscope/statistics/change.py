"""The net change of paired scores: one estimate, its intervals, its test.

I pairs, G clusters, H strata.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.statistics.clustered import ClusteredMean, clustered_mean, skewed_t_interval
from forgetscope.statistics.flips import FlipTest, sign_flip_test
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.mover import mover_interval
from forgetscope.statistics.tango import tango_interval

__all__ = ["NetChange", "net_change"]

_SPARSE = 20
_SPARSE_IN_STRATA = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stratum:
    """The 0/1 pairs of one stratum, all of one weight."""

    share: float
    """Its part of the total weight."""
    fell: int
    rose: int
    estimate: ClusteredMean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetChange:
    """The mean of after minus before over paired items."""

    change: float
    n: int
    n_clusters: int
    fell: int
    """Pairs whose score went down."""
    rose: int
    variance: float
    """Mean square of the differences about their mean.

    With weights or strata: what makes variance x design effect / n the square of the standard
    error, so that plans for more pairs of the same mixture stay true.
    """
    is_binary: bool
    """Whether every score on both sides is 0 or 1, of a metric that lies in [0, 1]."""
    is_bounded: bool
    estimate: ClusteredMean
    test: FlipTest
    is_plain: bool = True
    """Whether there are neither weights nor strata."""
    effective_clusters: float = math.nan
    """Clusters of equal weight that would average as well, (sum w)^2 / sum w^2."""
    strata: tuple[_Stratum, ...] = ()
    """The strata of 0/1 scores that weigh the same within each."""

    @property
    def p_value(self) -> float:
        """Two-sided sign-flip test of no change."""
        return self.test.p_value

    @property
    def design_effect(self) -> float:
        """How many times fewer pairs the clusters are worth; nan for a single cluster."""
        return self.estimate.design_effect

    def interval(self, alpha: float) -> Interval:
        """Return the interval of the change, each end at one-sided `alpha`; nan if there is none.

        0/1 scores take Tango's score interval, on counts divided by the design effect and with
        Student's quantile where items share clusters; other scores take the clustered t interval,
        widened where their changes are skewed.
        Where fewer than 20 clusters changed, neither the normal nor the t approximation is trusted
        alone: the interval then holds 0 unless the exact sign-flip test also excludes it.
        With weights or strata it is the clustered t interval; but 0/1 scores in strata with fewer
        than 30 changed pairs in all, or with a stratum without spread, combine Tango's intervals
        of the strata.
        """
        if self.n == 0 or math.isnan(self.estimate.standard_error):
            return Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
        interval = self._unguarded(alpha)
        if not self.is_bounded or self.test.n_changed >= _SPARSE:
            return interval
        return replace(
            interval,
            low=interval.low if self.test.p_gain <= alpha else min(interval.low, 0.0),
            high=interval.high if self.test.p_loss <= alpha else max(interval.high, 0.0),
        )

    def _unguarded(self, alpha: float) -> Interval:
        if self.is_binary and self.is_plain:
            return _tango(self.fell, self.rose, self.estimate, alpha=alpha)
        if self.strata and self._is_sparse_in_strata():
            return self._combined(alpha)
        return self._mean(alpha)

    def _is_sparse_in_strata(self) -> bool:
        return self.fell + self.rose < _SPARSE_IN_STRATA or any(
            not stratum.estimate.standard_error > 0.0 for stratum in self.strata
        )

    def _combined(self, alpha: float) -> Interval:
        part_H = [_tango(part.fell, part.rose, part.estimate, alpha=alpha) for part in self.strata]
        return mover_interval(
            np.array([part.estimate.mean for part in self.strata]),
            np.array([part.low for part in part_H]),
            np.array([part.high for part in part_H]),
            weight_H=np.array([part.share for part in self.strata]),
            alpha=alpha,
            inflation=self._inflation(),
        )

    def _inflation(self) -> float | None:
        """How much clusters that reach across strata add to the variance; `None` if unknown."""
        if sum(part.estimate.n_clusters for part in self.strata) == self.n_clusters:
            return 1.0
        variance_H = [
            (part.share * part.estimate.standard_error) ** 2
            for part in self.strata
            if part.estimate.standard_error > 0.0
        ]
        if not variance_H:
            return None
        return max(1.0, self.estimate.standard_error**2 / sum(variance_H))

    def _mean(self, alpha: float) -> Interval:
        interval = skewed_t_interval(self.estimate, alpha=alpha)
        is_degenerate = not self.is_plain and self.estimate.standard_error == 0.0
        if self.is_bounded and (self.test.n_changed < _SPARSE or is_degenerate):
            return self._with_unseen(interval, alpha)
        if self.estimate.standard_error == 0.0:
            return replace(interval, low=math.nan, high=math.nan)
        return interval

    def _with_unseen(self, interval: Interval, alpha: float) -> Interval:
        """Allow for items that move to the end of the scale but were not met.

        Where few items changed, the spread seen says little about the items not seen. Their share
        is at most that of the zero cell of Tango's interval, one cluster counting as one item
        (with weights: as many clusters as would average as well).
        """
        n_seen = self.n_clusters if self.is_plain else self.effective_clusters
        unseen = tango_interval(0, 0, n_seen, alpha=alpha).high
        return replace(
            interval,
            low=min(interval.low, self.change - unseen * (1.0 + self.change)),
            high=max(interval.high, self.change + unseen * (1.0 - self.change)),
            method="clustered t, sparse",
        )


def net_change(
    before_I: NDArray[np.float64],
    after_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    is_bounded: bool = True,
    seed: int = 0,
    weight_I: NDArray[np.float64] | None = None,
    stratum_I: NDArray[np.intp] | None = None,
) -> NetChange:
    """Estimate and test the mean of after minus before.

    Parameters
    ----------
    before_I, after_I
        Finite scores, higher is better; in [0, 1] if `is_bounded`.
    cluster_I
        Cluster of each pair, numbered from 0 without gaps.
    is_bounded
        Whether the metric lies in [0, 1]; only then 0/1 scores are proportions.
    seed
        For the sign-flip test where it must be sampled.
    weight_I
        Positive weights of the pairs, of which only the ratios matter: the bytes of a text, or
        w_j/n_j for the pairs of a task that weighs w_j as a whole.
    stratum_I
        Parts of fixed weight, numbered from 0 without gaps: the tasks of such a domain.

    Raises
    ------
    ValueError
        If a score is not finite, or outside [0, 1] of a bounded metric, or a weight is not
        positive.
    """
    score_2I = np.stack([before_I, after_I])
    if not np.isfinite(score_2I).all():
        raise ValueError("scores must be finite")
    if is_bounded and score_2I.size and not 0.0 <= score_2I.min() <= score_2I.max() <= 1.0:
        raise ValueError("scores of a bounded metric must lie in [0, 1]")
    difference_I = after_I - before_I
    estimate = clustered_mean(difference_I, cluster_I, weight_I=weight_I, stratum_I=stratum_I)
    is_plain = weight_I is None and stratum_I is None
    is_binary = is_bounded and bool(np.all((score_2I == 0.0) | (score_2I == 1.0)))
    return NetChange(
        change=estimate.mean,
        n=estimate.n,
        n_clusters=estimate.n_clusters,
        fell=int((difference_I < 0).sum()),
        rose=int((difference_I > 0).sum()),
        variance=_plain_variance(difference_I) if is_plain else _implied_variance(estimate),
        is_binary=is_binary,
        is_bounded=is_bounded,
        estimate=estimate,
        test=sign_flip_test(estimate.sum_G, seed=seed),
        is_plain=is_plain,
        effective_clusters=_effective_clusters(cluster_I, weight_I),
        strata=_strata(difference_I, cluster_I, weight_I, stratum_I) if is_binary else (),
    )


def _plain_variance(difference_I: NDArray[np.float64]) -> float:
    return float(difference_I.var()) if len(difference_I) else math.nan


def _implied_variance(estimate: ClusteredMean) -> float:
    if math.isnan(estimate.design_effect):
        return estimate.n * estimate.standard_error_iid**2
    return estimate.n * estimate.standard_error**2 / estimate.design_effect


def _effective_clusters(cluster_I: NDArray[np.intp], weight_I: NDArray[np.float64] | None) -> float:
    if len(cluster_I) == 0:
        return 0.0
    weight_G = np.bincount(cluster_I, weights=weight_I)
    return float(weight_G.sum() ** 2 / np.square(weight_G, dtype=np.float64).sum())


def _strata(
    difference_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    weight_I: NDArray[np.float64] | None,
    stratum_I: NDArray[np.intp] | None,
) -> tuple[_Stratum, ...]:
    """Return the strata; none if there are none, or if weights differ within one."""
    if stratum_I is None or len(stratum_I) == 0:
        return ()
    weight_I = np.ones(len(stratum_I)) if weight_I is None else weight_I
    total = float(weight_I.sum())
    strata = []
    for h in range(int(stratum_I.max()) + 1):
        row_i = np.flatnonzero(stratum_I == h)
        if np.ptp(weight_I[row_i]) > 1e-9 * weight_I[row_i[0]]:
            return ()
        difference_i = difference_I[row_i]
        own_i = np.unique(cluster_I[row_i], return_inverse=True)[1]
        strata.append(
            _Stratum(
                share=float(weight_I[row_i].sum()) / total,
                fell=int((difference_i < 0).sum()),
                rose=int((difference_i > 0).sum()),
                estimate=clustered_mean(difference_i, own_i),
            )
        )
    return tuple(strata)


def _tango(fell: int, rose: int, estimate: ClusteredMean, *, alpha: float) -> Interval:
    """Return Tango's interval of 0/1 pairs, on effective counts where they share clusters."""
    n, n_clusters = estimate.n, estimate.n_clusters
    if n_clusters == n:
        return tango_interval(fell, rose, n, alpha=alpha)
    # pairs of a single cluster, met only within strata, are worth one
    effect = float(n) if n_clusters == 1 else estimate.design_effect
    interval = tango_interval(
        fell / effect,
        rose / effect,
        n / effect,
        alpha=alpha,
        quantile=-float(stdtrit(n_clusters - 1, alpha)) if n_clusters > 1 else None,
    )
    return replace(interval, method="clustered tango")
