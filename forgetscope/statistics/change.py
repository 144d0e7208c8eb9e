"""The net change of paired scores: one estimate, its intervals, its test.

I pairs, G clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.statistics.clustered import ClusteredMean, clustered_mean, clustered_t_interval
from forgetscope.statistics.flips import FlipTest, sign_flip_test
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.tango import tango_interval

__all__ = ["NetChange", "net_change"]

_SPARSE = 20


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
    """Mean square of the differences about their mean."""
    is_binary: bool
    """Whether every score on both sides is 0 or 1, of a metric that lies in [0, 1]."""
    is_bounded: bool
    estimate: ClusteredMean
    test: FlipTest

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
        Student's quantile where items share clusters; other scores take the clustered t interval.
        Where fewer than 20 clusters changed, neither the normal nor the t approximation is trusted
        alone: the interval then holds 0 unless the exact sign-flip test also excludes it.
        """
        if self.n == 0 or math.isnan(self.estimate.standard_error):
            return Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
        interval = self._tango(alpha) if self.is_binary else self._mean(alpha)
        if not self.is_bounded or self.test.n_changed >= _SPARSE:
            return interval
        return replace(
            interval,
            low=interval.low if self.test.p_gain <= alpha else min(interval.low, 0.0),
            high=interval.high if self.test.p_loss <= alpha else max(interval.high, 0.0),
        )

    def _tango(self, alpha: float) -> Interval:
        if self.n_clusters == self.n:
            return tango_interval(self.fell, self.rose, self.n, alpha=alpha)
        effect = self.design_effect
        interval = tango_interval(
            self.fell / effect,
            self.rose / effect,
            self.n / effect,
            alpha=alpha,
            quantile=-float(stdtrit(self.n_clusters - 1, alpha)),
        )
        return replace(interval, method="clustered tango")

    def _mean(self, alpha: float) -> Interval:
        interval = clustered_t_interval(self.estimate, alpha=alpha)
        if self.is_bounded and self.test.n_changed < _SPARSE:
            return self._with_unseen(interval, alpha)
        if self.estimate.standard_error == 0.0:
            return replace(interval, low=math.nan, high=math.nan)
        return interval

    def _with_unseen(self, interval: Interval, alpha: float) -> Interval:
        """Allow for items that move to the end of the scale but were not met.

        Where few items changed, the spread seen says little about the items not seen. Their share
        is at most that of the zero cell of Tango's interval, one cluster counting as one item.
        """
        unseen = tango_interval(0, 0, self.n_clusters, alpha=alpha).high
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

    Raises
    ------
    ValueError
        If a score is not finite, or outside [0, 1] of a bounded metric.
    """
    score_2I = np.stack([before_I, after_I])
    if not np.isfinite(score_2I).all():
        raise ValueError("scores must be finite")
    if is_bounded and score_2I.size and not 0.0 <= score_2I.min() <= score_2I.max() <= 1.0:
        raise ValueError("scores of a bounded metric must lie in [0, 1]")
    difference_I = after_I - before_I
    estimate = clustered_mean(difference_I, cluster_I)
    return NetChange(
        change=estimate.mean,
        n=estimate.n,
        n_clusters=estimate.n_clusters,
        fell=int((difference_I < 0).sum()),
        rose=int((difference_I > 0).sum()),
        variance=float(difference_I.var()) if estimate.n else math.nan,
        is_binary=is_bounded and bool(np.all((score_2I == 0.0) | (score_2I == 1.0))),
        is_bounded=is_bounded,
        estimate=estimate,
        test=sign_flip_test(estimate.sum_G, seed=seed),
    )
