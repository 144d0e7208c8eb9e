"""A number and the interval it is known to."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgetscope.statistics.clustered import ClusteredMean, clustered_t_interval
from forgetscope.statistics.interval import Interval

__all__ = ["Measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An estimate with its interval; all nan where it is undefined."""

    value: float
    interval: Interval

    @property
    def low(self) -> float:
        """Lower end, at the one-sided level of the interval."""
        return self.interval.low

    @property
    def high(self) -> float:
        """Upper end, at the one-sided level of the interval."""
        return self.interval.high

    @classmethod
    def undefined(cls, alpha: float) -> Measured:
        """Return what cannot be known: nan between nan and nan."""
        nothing = Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
        return cls(value=math.nan, interval=nothing)

    @classmethod
    def of_mean(cls, estimate: ClusteredMean, *, alpha: float) -> Measured:
        """Return a mean with its clustered t interval.

        Values that are all equal have no spread to learn from: their mean has a value and no
        interval.
        """
        interval = clustered_t_interval(estimate, alpha=alpha)
        if estimate.standard_error == 0.0:
            interval = Interval(low=math.nan, high=math.nan, alpha=alpha, method="none")
        return cls(value=estimate.mean, interval=interval)
