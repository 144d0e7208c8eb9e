"""Intervals of an unbounded mean that hold at every moment at once.

A confidence sequence contains the mean after 30 numbers, and 31, and so on for ever, all with one
error probability: one may look at every step and stop whenever one likes. It is asymptotic: it
needs numbers enough for their spread to be known, and no bound on them (Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas, arXiv:2103.06476). I independent numbers in order of arrival.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ConfidenceSequence", "confidence_sequence", "mixing_variance", "sequence_half_width"]

_FIRST = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConfidenceSequence:
    """The mean so far, and how far off it may be, after each number."""

    mean_I: NDArray[np.float64]
    half_width_I: NDArray[np.float64]
    """nan before the first moment, and where no number has differed from another yet."""
    low_I: NDArray[np.float64]
    high_I: NDArray[np.float64]
    alpha: float
    """Probability that the mean EVER lies outside: both ends, all moments together."""
    planned: float
    """Number of items at which the sequence is tightest."""


def mixing_variance(alpha: float, planned: float) -> float:
    """Return rho^2 = (-2 ln alpha + ln(-2 ln alpha + 1)) / t*, tightest at about t* = `planned`."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if not planned > 0.0:
        raise ValueError(f"the planned number of items must be positive, not {planned}")
    evidence = -2.0 * math.log(alpha)
    return (evidence + math.log(evidence + 1.0)) / planned


def sequence_half_width(
    count: ArrayLike,
    deviation: ArrayLike,
    *,
    alpha: float,
    planned: float,
    first: int = _FIRST,
) -> NDArray[np.float64]:
    """Return s sqrt(2 (t rho^2 + 1) / (t^2 rho^2) ln(sqrt(t rho^2 + 1) / alpha)).

    Parameters
    ----------
    count, deviation
        Numbers seen so far, t, and their standard deviation s.
    alpha
        Probability that the mean ever lies outside (two-sided).
    planned
        Number of items at which the sequence is to be tightest.
    first
        Moment at which the sequence begins. Numbers that are as skewed as waiting times are ever
        left out in 6 to 7 % of the sequences instead of 5 % from 30 on, in 4 % from 200 on.

    Returns
    -------
    Half widths in the unit of the numbers; nan before `first`, or without any spread.
    """
    count_I = np.asarray(count, dtype=np.float64)
    deviation_I = np.asarray(deviation, dtype=np.float64)
    rho2 = mixing_variance(alpha, planned)
    mixed_I = np.where(count_I > 0.0, count_I, 1.0) * rho2 + 1.0
    spread_I = 2.0 * mixed_I * rho2 * (0.5 * np.log(mixed_I) - math.log(alpha))
    half_width_I = deviation_I * np.sqrt(spread_I) / (mixed_I - 1.0)
    is_known_I = (count_I >= first) & (deviation_I > 0.0)
    return np.where(is_known_I, half_width_I, math.nan)


def confidence_sequence(
    value_I: NDArray[np.float64], *, alpha: float, planned: float, first: int = _FIRST
) -> ConfidenceSequence:
    """Return the confidence sequence of the mean of independent numbers.

    Items of one cluster are not independent: hand in one number per cluster. Leading axes of
    `value_I` are separate sequences.

    Raises
    ------
    ValueError
        If a number is not finite, or `alpha` or `planned` is out of range.
    """
    value_I = np.asarray(value_I, dtype=np.float64)
    if not np.isfinite(value_I).all():
        raise ValueError("numbers must be finite")
    count_I = np.arange(1.0, value_I.shape[-1] + 1.0)
    # about the first number, or a small spread would drown in the rounding of large squares
    origin = value_I[..., :1]
    mean_I = np.cumsum(value_I - origin, axis=-1) / count_I
    square_I = np.cumsum(np.square(value_I - origin), axis=-1) / count_I
    deviation_I = np.sqrt(np.maximum(square_I - np.square(mean_I), 0.0))
    half_width_I = sequence_half_width(
        count_I, deviation_I, alpha=alpha, planned=planned, first=first
    )
    mean_I += origin
    return ConfidenceSequence(
        mean_I=mean_I,
        half_width_I=half_width_I,
        low_I=mean_I - half_width_I,
        high_I=mean_I + half_width_I,
        alpha=alpha,
        planned=planned,
    )
