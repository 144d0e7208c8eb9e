"""Adjusted p-values and e-values for several claims. J claims."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "e_bh", "holm"]


def holm(p_J: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Holm's adjusted p-values: at most `alpha` means a claim that the family allows.

    Family-wise under any dependence (Holm 1979). nan stays nan and is not a claim.
    """
    adjusted_J = np.full(len(p_J), np.nan)
    order_j = _ascending(p_J)
    count = len(order_j)
    scaled_j = p_J[order_j] * (count - np.arange(count))
    adjusted_J[order_j] = np.minimum(np.maximum.accumulate(scaled_j), 1.0)
    return adjusted_J


def benjamini_hochberg(p_J: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995).

    For lists to explore: of the claims at most `alpha`, that share is false on average, if the
    p-values are independent or rise together. nan stays nan and is not a claim.
    """
    return np.minimum(_stepped_up(p_J), 1.0)


def benjamini_yekutieli(p_J: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values adjusted for the false discovery rate under any dependence.

    Those of Benjamini and Hochberg times 1 + 1/2 + ... + 1/J (Benjamini and Yekutieli 2001).
    """
    count = int((~np.isnan(p_J)).sum())
    harmonic = float((1.0 / np.arange(1, count + 1)).sum())
    return np.minimum(_stepped_up(p_J) * harmonic, 1.0)


def e_bh(e_J: NDArray[np.float64], *, alpha: float) -> NDArray[np.bool_]:
    """Return which hypotheses fall: the k with the largest e-values, where e_(k) >= J/(alpha k).

    False discovery rate at most `alpha` under any dependence (Wang and Ramdas 2022, JRSS B
    84:822-852). nan is not a claim and never falls.
    """
    rejected_J = np.zeros(len(e_J), dtype=bool)
    order_j = _ascending(-e_J)
    count = len(order_j)
    enough_j = e_J[order_j] * alpha * np.arange(1, count + 1) >= count
    if enough_j.any():
        rejected_J[order_j[: int(np.flatnonzero(enough_j)[-1]) + 1]] = True
    return rejected_J


def _stepped_up(p_J: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least p_(k) J/k over the claims that are no smaller; not capped at 1."""
    adjusted_J = np.full(len(p_J), np.nan)
    order_j = _ascending(p_J)
    count = len(order_j)
    scaled_j = p_J[order_j] * count / np.arange(1, count + 1)
    adjusted_J[order_j] = np.minimum.accumulate(scaled_j[::-1])[::-1]
    return adjusted_J


def _ascending(value_J: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the places of the defined values from the smallest to the largest."""
    order_J = np.argsort(value_J, kind="stable")
    return order_J[~np.isnan(value_J[order_J])]
