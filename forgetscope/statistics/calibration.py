"""Whether confidence means what it says: calibration error, and the ranking of right above wrong.

Pictures beside a verdict, not tests of forgetting: tuning often spoils the calibration of a model
that has forgotten nothing. Proper scores (Brier, log loss) are means over items and need nothing
of this. I items, G clusters, R resamples, B bins, T groups of items of one confidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.statistics.bootstrap import AggregateChange, resampled_change

__all__ = [
    "Confidence",
    "Reliability",
    "ReliabilityBin",
    "auroc",
    "auroc_change",
    "expected_calibration_error",
    "reliability",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Items of about the same confidence."""

    n: int
    confidence: float
    """Their mean confidence."""
    accuracy: float
    """Share of them that is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Whether confidence means what it says, and whether it knows right from wrong."""

    calibration_error: float
    """See `expected_calibration_error`."""
    auroc: float
    """See `auroc`."""
    bins: tuple[ReliabilityBin, ...]
    """Of equal mass, by rising confidence: the mean of |accuracy - confidence| over their items is
    the calibration error."""


def reliability(
    confidence_I: NDArray[np.float64], correct_I: NDArray[np.float64], *, bins: int = 15
) -> Reliability:
    """Return calibration error and AUROC of 0/1 scores together, for the price of one sort."""
    _check(confidence_I, correct_I, is_binary=True)
    ties = _Ties.of(confidence_I, correct_I)
    return Reliability(
        calibration_error=_calibration_error(ties, bins),
        auroc=_area(ties),
        bins=_bins(ties, bins),
    )


def expected_calibration_error(
    confidence_I: NDArray[np.float64], correct_I: NDArray[np.float64], *, bins: int = 15
) -> float:
    """Return the mean over bins of equal mass of |share correct - mean confidence|.

    Items of one confidence share their score, so that the answer does not hang on which of them
    an edge between bins leaves where. With fewer items than bins each item is a bin; nan for no
    item. Biased upwards: chance alone parts the two in each bin by about
    sqrt(2 p (1 - p) bins / (pi n)), 0.05 for 1,000 even bets, however good the model.

    Raises
    ------
    ValueError
        If there is no bin, or a confidence or score is outside [0, 1].
    """
    _check(confidence_I, correct_I)
    return _calibration_error(_Ties.of(confidence_I, correct_I), bins)


def auroc(confidence_I: NDArray[np.float64], correct_I: NDArray[np.float64]) -> float:
    """Return the probability that a right answer has more confidence than a wrong one.

    Ties count half. nan where all answers are right, or all wrong.

    Raises
    ------
    ValueError
        If a confidence is outside [0, 1] or a score is neither 0 nor 1.
    """
    _check(confidence_I, correct_I, is_binary=True)
    return _area(_Ties.of(confidence_I, correct_I))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ties:
    """Items of equal confidence put together, T such groups in rising order."""

    confidence_T: NDArray[np.float64]
    right_T: NDArray[np.float64]
    """Sum of their scores."""
    size_T: NDArray[np.intp]

    @classmethod
    def of(cls, confidence_I: NDArray[np.float64], correct_I: NDArray[np.float64]) -> _Ties:
        order_I = confidence_I.argsort()
        rising_I = confidence_I[order_I]
        start_T = np.flatnonzero(np.diff(rising_I, prepend=-1.0))
        total_I = np.cumsum(correct_I[order_I])
        end_T = np.append(start_T[1:], len(rising_I))
        return cls(
            confidence_T=rising_I[start_T],
            right_T=np.diff(total_I[end_T - 1], prepend=0.0) if len(start_T) else np.zeros(0),
            size_T=end_T - start_T if len(start_T) else np.zeros(0, dtype=np.intp),
        )


def _calibration_error(ties: _Ties, bins: int) -> float:
    n = int(ties.size_T.sum())
    start_B = _starts(n, bins)
    if n == 0:
        return math.nan
    gap_I = np.repeat(ties.right_T / ties.size_T - ties.confidence_T, ties.size_T)
    return float(np.abs(np.add.reduceat(gap_I, start_B)).sum()) / n


def _starts(n: int, bins: int) -> NDArray[np.intp]:
    """Return the first item of each bin of equal mass; with fewer items than bins each is one."""
    if bins < 1:
        raise ValueError(f"at least one bin is needed, not {bins}")
    n_bins = min(bins, n)
    start_B: NDArray[np.intp] = np.arange(n_bins) * n // max(n_bins, 1)
    return start_B


def _bins(ties: _Ties, bins: int) -> tuple[ReliabilityBin, ...]:
    n = int(ties.size_T.sum())
    start_B = _starts(n, bins)
    if n == 0:
        return ()
    size_B = np.diff(start_B, append=n)
    sure_I = np.repeat(ties.confidence_T, ties.size_T)
    right_I = np.repeat(ties.right_T / ties.size_T, ties.size_T)
    sure_B, right_B = (np.add.reduceat(value_I, start_B) / size_B for value_I in (sure_I, right_I))
    return tuple(
        ReliabilityBin(n=size, confidence=sure, accuracy=right)
        for size, sure, right in zip(
            size_B.tolist(), sure_B.tolist(), right_B.tolist(), strict=True
        )
    )


def _area(ties: _Ties) -> float:
    wrong_T = ties.size_T - ties.right_T
    pairs = float(ties.right_T.sum() * wrong_T.sum())
    if pairs == 0.0:
        return math.nan
    below_T = np.cumsum(wrong_T) - wrong_T
    return float((ties.right_T * (below_T + wrong_T / 2.0)).sum()) / pairs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Confidence:
    """How sure a model was of each answer, and whether it was right."""

    value_I: NDArray[np.float64]
    """In [0, 1]."""
    correct_I: NDArray[np.float64]
    """0 or 1."""

    def __post_init__(self) -> None:
        _check(self.value_I, self.correct_I, is_binary=True)


def auroc_change(
    before: Confidence,
    after: Confidence,
    cluster_I: NDArray[np.intp],
    *,
    alpha: float,
    seed: int,
    draws: int = 2_000,
) -> AggregateChange:
    """Return the paired change of the area under the ROC curve, resampling whole clusters.

    Parameters
    ----------
    before, after
        The same items in the same order.
    cluster_I
        Cluster of each item, numbered from 0 without gaps.
    alpha
        Error probability of each end of the interval, in (0, 0.5).

    Raises
    ------
    ValueError
        If the sides do not have the same number of items.
    """
    n = len(cluster_I)
    if not len(before.value_I) == len(after.value_I) == n:
        raise ValueError(f"{len(before.value_I)} and {len(after.value_I)} items for {n} clusters")
    sides = (_Ranking.of(before), _Ranking.of(after))

    def pair(count_RG: NDArray[np.float64]) -> NDArray[np.float64]:
        weight_IR = count_RG.T[cluster_I]
        return np.stack([side.area(weight_IR) for side in sides])

    n_clusters = int(cluster_I.max()) + 1 if n else 0
    return resampled_change(pair, n_clusters, alpha=alpha, seed=seed, draws=draws, width=n)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ranking:
    """Items in order of confidence, so that each resample only has to be summed up."""

    right_P: NDArray[np.intp]
    """Places of the right answers, by confidence."""
    wrong_Q: NDArray[np.intp]
    below_P: NDArray[np.intp]
    """How many wrong answers have less confidence than each right one."""
    upto_P: NDArray[np.intp]
    """How many have less or the same."""

    @classmethod
    def of(cls, confidence: Confidence) -> _Ranking:
        order_I = np.argsort(confidence.value_I, kind="stable")
        is_right_I = confidence.correct_I[order_I] == 1.0
        right_P, wrong_Q = order_I[is_right_I], order_I[~is_right_I]
        wrong, right = confidence.value_I[wrong_Q], confidence.value_I[right_P]
        return cls(
            right_P=right_P,
            wrong_Q=wrong_Q,
            below_P=np.searchsorted(wrong, right, side="left"),
            upto_P=np.searchsorted(wrong, right, side="right"),
        )

    def area(self, weight_IR: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the area for each set of weights; nan where a class weighs nothing."""
        right_PR, wrong_QR = weight_IR[self.right_P], weight_IR[self.wrong_Q]
        running_QR = np.zeros((len(wrong_QR) + 1, weight_IR.shape[1]))
        np.cumsum(wrong_QR, axis=0, out=running_QR[1:])
        beaten_PR = running_QR[self.below_P] + running_QR[self.upto_P]
        area_R = np.einsum("pr,pr->r", right_PR, beaten_PR) / 2.0
        pairs_R = right_PR.sum(axis=0) * running_QR[-1]
        return np.where(pairs_R > 0.0, area_R / np.where(pairs_R > 0.0, pairs_R, 1.0), math.nan)


def _check(
    confidence_I: NDArray[np.float64], correct_I: NDArray[np.float64], *, is_binary: bool = False
) -> None:
    if len(confidence_I) != len(correct_I):
        raise ValueError(f"{len(confidence_I)} confidences of {len(correct_I)} answers")
    for name, value_I in (("confidences", confidence_I), ("scores", correct_I)):
        if not ((value_I >= 0.0) & (value_I <= 1.0)).all():
            raise ValueError(f"{name} must lie in [0, 1]")
    if is_binary and not ((correct_I == 0.0) | (correct_I == 1.0)).all():
        raise ValueError("scores must be 0 or 1")
