"""From the numbers of `statistics` to the estimates of a record."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Estimate
from forgetscope.statistics import clustered_mean, clustered_t_interval, net_change, renumbered

__all__ = ["UNDEFINED", "estimate_of", "mean_estimate", "share_change"]

UNDEFINED = Estimate(value=math.nan, low=math.nan, high=math.nan)


class _Bounded(Protocol):
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def estimate_of(number: _Bounded) -> Estimate:
    """Return a number and its interval as a record."""
    return Estimate(value=number.value, low=number.low, high=number.high)


def mean_estimate(
    value_I: NDArray[np.float64], cluster_I: NDArray[np.intp], *, alpha: float
) -> Estimate:
    """Return a mean with its clustered t interval; undefined below two clusters."""
    if len(value_I) == 0:
        return UNDEFINED
    mean = clustered_mean(value_I, renumbered(cluster_I))
    interval = clustered_t_interval(mean, alpha=alpha)
    return Estimate(value=mean.mean, low=interval.low, high=interval.high)


def share_change(
    before_I: NDArray[np.bool_],
    after_I: NDArray[np.bool_],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    seed: int = 0,
) -> Estimate:
    """Return the change of how often something is true, with its paired interval and test."""
    if len(before_I) == 0:
        return UNDEFINED
    change = net_change(
        before_I.astype(np.float64),
        after_I.astype(np.float64),
        renumbered(cluster_I),
        seed=seed,
    )
    interval = change.interval(alpha)
    return Estimate(
        value=change.change, low=interval.low, high=interval.high, p_value=change.p_value
    )
