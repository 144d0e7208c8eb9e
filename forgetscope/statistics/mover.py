"""Intervals of a weighted sum, recovered from the intervals of its terms.

Each term brings its own distance from estimate to limit, which need not be the same up and down,
and independent distances add up like standard errors: the method of variance estimates recovery
(MOVER; Zou and Donner 2008, Statistics in Medicine 27:1693-1702). Score limits keep it honest where
few items changed. H terms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from forgetscope.statistics.interval import Interval

__all__ = ["mover_interval"]


def mover_interval(
    value_H: NDArray[np.float64],
    low_H: NDArray[np.float64],
    high_H: NDArray[np.float64],
    *,
    weight_H: NDArray[np.float64],
    alpha: float,
    inflation: float | None = 1.0,
) -> Interval:
    """Return the interval of sum(weight x value).

    Parameters
    ----------
    value_H, low_H, high_H
        Estimates and their limits, each limit at one-sided `alpha`.
    weight_H
        Not negative.
    inflation
        How many times larger the variance of the sum is than that of independent terms; `None`
        if that is unknown: then the distances add up as if all terms moved together.
    """
    centre = float(weight_H @ value_H)
    below_H, above_H = weight_H * (value_H - low_H), weight_H * (high_H - value_H)
    if inflation is None:
        below, above = float(below_H.sum()), float(above_H.sum())
    else:
        below = math.sqrt(inflation * float(np.square(below_H).sum()))
        above = math.sqrt(inflation * float(np.square(above_H).sum()))
    return Interval(low=centre - below, high=centre + above, alpha=alpha, method="mover")
