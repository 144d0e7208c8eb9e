"""The way of one score through a series of checkpoints.

Every statistic here is selected after looking: the best checkpoint, the worst, the first. So each
takes the quantile of a whole family of claims (`joint_quantile`), not that of a single one.
T checkpoints, the base first; I items.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.statistics.clustered import ClusteredMean, clustered_mean

__all__ = ["Drop", "Recovery", "onset", "recovery", "trend", "worst_drop"]

_DUST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The fall from an earlier checkpoint to the last one."""

    place: int
    """The earlier checkpoint from which the fall is best proved."""
    drop: float
    """Its mean minus that of the last."""
    low: float
    """Lower bound of the largest true fall from any earlier checkpoint; above 0 it is proved."""
    naive: float
    """Best earlier mean minus the last: biased upwards, since the best is so by luck too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A checkpoint that is proved to be above an earlier one, the trough."""

    trough: int
    """The lowest mean before `place`."""
    place: int


def worst_drop(
    mean_T: NDArray[np.float64], covariance_TT: NDArray[np.float64], *, quantile: float
) -> Drop:
    """Return the best proved fall to the last checkpoint.

    low = max over earlier t of (mean_t - mean_last - quantile x SE_t).

    Parameters
    ----------
    mean_T
        Mean scores, or changes from the base; at least two.
    covariance_TT
        Of their errors. Only differences count: errors of changes from the base, with zeros for the
        base itself, do as well as errors of scores.
    quantile
        Of the family of the differences from the last checkpoint.

    Raises
    ------
    ValueError
        If there are fewer than two checkpoints.
    """
    if len(mean_T) < 2:
        raise ValueError("a drop needs at least two checkpoints")
    drop_t = mean_T[:-1] - mean_T[-1]
    low_t = _lower(drop_t, _difference_errors(covariance_TT)[:-1, -1], quantile)
    naive = float(drop_t.max())
    if np.isnan(low_t).all():
        return Drop(place=int(drop_t.argmax()), drop=naive, low=math.nan, naive=naive)
    place = int(np.nanargmax(low_t))
    return Drop(place=place, drop=float(drop_t[place]), low=float(low_t[place]), naive=naive)


def onset(high_T: NDArray[np.float64]) -> int | None:
    """Return the first place from which on every upper bound of the change is below 0.

    The bounds must hold together; nan proves nothing.
    """
    proved_T = high_T < 0.0
    if len(proved_T) == 0 or not proved_T[-1]:
        return None
    open_t = np.flatnonzero(~proved_T)
    return int(open_t[-1]) + 1 if len(open_t) else 0


def recovery(
    mean_T: NDArray[np.float64], covariance_TT: NDArray[np.float64], *, quantile: float
) -> Recovery | None:
    """Return the first checkpoint proved to be above the lowest one before it.

    The trough is selected, so `quantile` must be that of all ordered pairs of checkpoints. A rise
    above the base where nothing was lower before is a gain, and no recovery.
    """
    low_TT = _lower(mean_T[:, None] - mean_T[None, :], _difference_errors(covariance_TT), quantile)
    for place in range(2, len(mean_T)):
        trough = int(mean_T[:place].argmin())
        if trough > 0 and low_TT[place, trough] > 0.0:
            return Recovery(trough=trough, place=place)
    return None


def trend(
    score_TI: NDArray[np.float64], step_T: NDArray[np.float64], cluster_I: NDArray[np.intp]
) -> ClusteredMean | None:
    """Return the slope of the mean score on log(step + 1), per unit of it.

    The slope of every item, averaged: sum_t (x_t - mean x) score_ti / sum_t (x_t - mean x)^2 with
    x = log(step + 1). One claim over all checkpoints. `None` where there are fewer than three
    checkpoints, a step is unknown or negative, or all steps are one.

    Parameters
    ----------
    score_TI
        Finite scores of the same items at every checkpoint.
    step_T
        Training steps; nan where unknown.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    """
    if len(step_T) < 3 or not (np.isfinite(step_T).all() and (step_T >= 0.0).all()):
        return None
    x_T = np.log1p(step_T)
    x_T = x_T - x_T.mean()
    spread = float(np.square(x_T).sum())
    if spread <= _DUST:
        return None
    return clustered_mean(x_T @ score_TI / spread, cluster_I)


def _lower(
    difference: NDArray[np.float64], error: NDArray[np.float64], quantile: float
) -> NDArray[np.float64]:
    """Return the lower bound of every difference; one without any spread proves nothing."""
    return np.where(error == 0.0, np.minimum(difference, 0.0), difference - quantile * error)


def _difference_errors(covariance_TT: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard error of every difference of two means; rounding dust is 0."""
    variance_T = np.diag(covariance_TT)
    scale_TT = variance_T[:, None] + variance_T[None, :]
    variance_TT = scale_TT - 2.0 * covariance_TT
    error_TT: NDArray[np.float64] = np.sqrt(
        np.where(variance_TT <= _DUST * scale_TT, 0.0, variance_TT)
    )
    return error_TT
