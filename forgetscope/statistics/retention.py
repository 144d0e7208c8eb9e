"""How much of a score is left: a ratio, where the base is high enough for one. I pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.statistics.clustered import clustered_mean

__all__ = ["Retention", "retention"]

_LEAST_BASE = 5.0
"""Standard errors that the base mean must be above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Mean after over mean before; each end holds at its one-sided level."""

    ratio: float
    low: float
    high: float


def retention(
    before_I: NDArray[np.float64],
    after_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    weight_I: NDArray[np.float64] | None = None,
) -> Retention:
    """Return the ratio of the mean scores with its interval, made on the log scale.

    The error of log(after mean / before mean) is, to first order, that of the mean of
    after_i / after mean - before_i / before mean: clustered, with Student's quantile. A ratio
    exaggerates where its base is small and cannot be averaged over tasks, so it is never more than
    a note: nan where the base mean is not above 5 of its standard errors, or a mean is not
    positive. Where all pairs keep one share there is no spread, hence no interval.

    Parameters
    ----------
    before_I, after_I
        Finite scores, higher is better, with a true zero.
    cluster_I
        Cluster of each pair, numbered from 0 without gaps.
    alpha
        Error probability of each end.
    weight_I
        Positive weights of the pairs; only their ratios matter.
    """
    before = clustered_mean(before_I, cluster_I, weight_I=weight_I)
    after = clustered_mean(after_I, cluster_I, weight_I=weight_I)
    if not (before.mean > _LEAST_BASE * before.standard_error and after.mean > 0.0):
        return Retention(ratio=math.nan, low=math.nan, high=math.nan)
    log_ratio_I = after_I / after.mean - before_I / before.mean
    error = clustered_mean(log_ratio_I, cluster_I, weight_I=weight_I)
    ratio = after.mean / before.mean
    if error.standard_error == 0.0:
        return Retention(ratio=ratio, low=math.nan, high=math.nan)
    reach = -float(stdtrit(error.degrees, alpha)) * error.standard_error
    return Retention(ratio=ratio, low=ratio * math.exp(-reach), high=ratio * math.exp(reach))
