"""Means of numbers that come in clusters.

Items that share a source move together, so they carry less information than their number says.
I items, G clusters; a cluster is a whole number per item.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.statistics.interval import Interval

__all__ = ["ClusteredMean", "clustered_mean", "clustered_t_interval"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusteredMean:
    """A mean and how well it is known."""

    mean: float
    standard_error: float
    """Cluster-robust; nan for fewer than two clusters."""
    standard_error_iid: float
    """The same formula as if every item were a cluster; nan for fewer than two items."""
    n: int
    n_clusters: int
    sum_G: NDArray[np.float64]
    """Sum of the values of each cluster, not centred."""

    @property
    def design_effect(self) -> float:
        """How many times fewer items the clusters are worth, at least 1; nan if unknown.

        Where no value differs from another there is nothing to learn it from: then each cluster
        counts as one item.
        """
        if math.isnan(self.standard_error):
            return math.nan
        if self.standard_error_iid == 0.0:
            return self.n / self.n_clusters
        return max(1.0, (self.standard_error / self.standard_error_iid) ** 2)


def clustered_mean(value_I: NDArray[np.float64], cluster_I: NDArray[np.intp]) -> ClusteredMean:
    """Return the mean of `value_I` with its cluster-robust standard error.

    SE = (1/n) sqrt(G/(G-1) sum_g S_g^2) with S_g the sum of deviations in cluster g (Miller 2024,
    arXiv:2411.00640, without small-sample factor there). For clusters of one it is the usual one.

    Parameters
    ----------
    value_I
        Finite numbers.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    """
    n = len(value_I)
    n_clusters = int(cluster_I.max()) + 1 if n else 0
    sum_G = np.bincount(cluster_I, weights=value_I, minlength=n_clusters)
    mean = float(value_I.mean()) if n else math.nan
    size_G = np.bincount(cluster_I, minlength=n_clusters)
    return ClusteredMean(
        mean=mean,
        standard_error=_standard_error(sum_G - mean * size_G, n),
        standard_error_iid=_standard_error(value_I - mean, n),
        n=n,
        n_clusters=n_clusters,
        sum_G=sum_G.astype(np.float64),
    )


def _standard_error(deviation_G: NDArray[np.float64], n: int) -> float:
    n_clusters = len(deviation_G)
    if n_clusters < 2:
        return math.nan
    # deviations that are rounding dust of the mean are no spread
    if np.all(np.abs(deviation_G) <= 1e-12 * n / n_clusters):
        return 0.0
    return math.sqrt(n_clusters / (n_clusters - 1) * float(np.square(deviation_G).sum())) / n


def clustered_t_interval(estimate: ClusteredMean, *, alpha: float) -> Interval:
    """Return mean +- t SE with G - 1 degrees of freedom, each end at one-sided `alpha`."""
    if math.isnan(estimate.standard_error):
        return Interval(low=math.nan, high=math.nan, alpha=alpha, method="clustered t")
    reach = -float(stdtrit(estimate.n_clusters - 1, alpha)) * estimate.standard_error
    return Interval(
        low=estimate.mean - reach, high=estimate.mean + reach, alpha=alpha, method="clustered t"
    )
