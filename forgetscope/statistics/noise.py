"""Noise floors beside that of the items: reruns of the base, and neighbouring checkpoints.

I items, T checkpoints in the order of training, W of them averaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.statistics.change import net_change
from forgetscope.statistics.clustered import clustered_mean
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.measured import Measured

__all__ = [
    "ExcessChurn",
    "RunLevelChange",
    "advised_margin",
    "changed_sides",
    "excess_churn",
    "run_level",
    "step_noise",
]

_LEAST_CHECKPOINTS = 5
_LEAST_MARGIN = 0.02
_SAME = 0.01
"""Scores no further apart are one outcome: a share of probability moves by rounding alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessChurn:
    """Items that changed sides, beyond those that do so when the base is merely asked again."""

    rerun: float
    """Share of items that differ between the base and its rerun."""
    excess: Measured
    """Share that differ between base and checkpoint, minus `rerun`."""
    p_value: float
    """One-sided: of an excess this high, were the checkpoint but another rerun."""


def changed_sides(before_I: NDArray[np.float64], after_I: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which items have another outcome; scores in [0, 1] up to a point apart are one.

    >>> changed_sides(np.array([1.0, 0.6250001]), np.array([0.0, 0.6249999])).tolist()
    [True, False]
    """
    changed_I: NDArray[np.bool_] = np.abs(after_I - before_I) > _SAME
    return changed_I


def excess_churn(
    base_I: NDArray[np.float64],
    rerun_I: NDArray[np.float64],
    after_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    seed: int = 0,
) -> ExcessChurn:
    """Compare how many items a checkpoint changed with how many a rerun of the base changes.

    Both are shares of the same items, so their difference is a net change of paired 0/1 numbers
    and takes its interval. Were the checkpoint a further rerun, exchanging the two would change
    nothing: the sign-flip test by whole clusters is exact.

    Parameters
    ----------
    base_I, rerun_I, after_I
        Scores of the base, of the base asked again, and of the checkpoint, in [0, 1]; outcomes
        are told apart by `changed_sides`, so that none hangs on rounding.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    alpha
        Error probability of each end of the interval.
    seed
        For the sign-flip test where it must be sampled.

    Raises
    ------
    ValueError
        If a score is not finite.
    """
    if not np.isfinite(np.stack([base_I, rerun_I, after_I])).all():
        raise ValueError("scores must be finite")
    rerun_flip_I = changed_sides(base_I, rerun_I).astype(np.float64)
    flip_I = changed_sides(base_I, after_I).astype(np.float64)
    change = net_change(rerun_flip_I, flip_I, cluster_I, seed=seed)
    return ExcessChurn(
        rerun=float(rerun_flip_I.mean()) if len(base_I) else math.nan,
        excess=Measured(value=change.change, interval=change.interval(alpha)),
        p_value=change.test.p_gain if change.n else math.nan,
    )


def step_noise(mean_T: NDArray[np.float64], paired_se_T1: NDArray[np.float64]) -> float:
    """Return the standard deviation from checkpoint to checkpoint beyond that of the items.

    With the steps s_t = m_{t+1} - m_t about their mean, so that a steady rise or fall is no noise,

        2 sigma^2 = sum (s_t - mean s)^2 / (T - 1 - 1/(T - 1)) - mean(SE_t^2),

    at least 0, with SE_t that of the paired difference of checkpoints t and t + 1; the divisor is
    what the sum expects of independent noise. A path that bends counts as noise in part.

    Parameters
    ----------
    mean_T
        Mean score of each checkpoint.
    paired_se_T1
        Standard error of each difference of neighbours: one fewer than checkpoints.

    Returns
    -------
    float
        In the unit of the scores; nan below five checkpoints or where a number is not known.
    """
    if len(paired_se_T1) != max(len(mean_T) - 1, 0):
        raise ValueError(f"{len(mean_T)} checkpoints do not have {len(paired_se_T1)} neighbours")
    if len(mean_T) < _LEAST_CHECKPOINTS:
        return math.nan
    step_T1, n_steps = np.diff(mean_T), len(mean_T) - 1
    spread = float(np.square(step_T1 - step_T1.mean()).sum()) / (n_steps - 1.0 / n_steps)
    excess = (spread - float(np.square(paired_se_T1).mean())) / 2.0
    return excess if math.isnan(excess) else math.sqrt(max(excess, 0.0))


def advised_margin(step_noise: float) -> float:
    """Return max(0.02, 2 sigma): a margin that a step of training alone seldom crosses."""
    return step_noise if math.isnan(step_noise) else max(_LEAST_MARGIN, 2.0 * step_noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLevelChange:
    """The change of the end of a run, not of the one checkpoint that happened to be last."""

    change: float
    standard_error: float
    """Of items and of steps together."""
    interval: Interval
    n_checkpoints: int


def run_level(
    score_WI: NDArray[np.float64],
    base_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    sigma: float,
    alpha: float,
) -> RunLevelChange:
    """Compare the mean of the last W checkpoints with the base.

    The variance is that of the item-averaged scores plus sigma^2 / W. Without a known `sigma`
    (nan) there is no interval.

    Parameters
    ----------
    score_WI
        Scores of the last W checkpoints, at least one.
    base_I
        Scores of the base over the same items.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    sigma
        `step_noise` of the run.
    alpha
        Error probability of each end of the interval.

    Raises
    ------
    ValueError
        If there is no checkpoint.
    """
    if len(score_WI) == 0:
        raise ValueError("a run-level change needs at least one checkpoint")
    items = clustered_mean(score_WI.mean(axis=0) - base_I, cluster_I)
    error = math.sqrt(items.standard_error**2 + sigma**2 / len(score_WI))
    # Student's quantile of the clusters; without any spread there is nothing to learn from
    reach = -float(stdtrit(items.n_clusters - 1, alpha)) * error if error > 0.0 else math.nan
    return RunLevelChange(
        change=items.mean,
        standard_error=error,
        interval=Interval(
            low=items.mean - reach, high=items.mean + reach, alpha=alpha, method="run level t"
        ),
        n_checkpoints=len(score_WI),
    )
