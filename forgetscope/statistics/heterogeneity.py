"""Whether several changes are alike. J changes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

__all__ = ["HeterogeneityTest", "heterogeneity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeterogeneityTest:
    """Cochran's test that all changes are one."""

    q: float
    degrees: int
    p_value: float
    centre: float
    """Inverse-variance mean of the changes."""


def heterogeneity(
    change_J: NDArray[np.float64], standard_error_J: NDArray[np.float64]
) -> HeterogeneityTest:
    """Test that independent changes differ by no more than their errors explain.

    Q = sum (change - centre)^2 / SE^2 against chi-square with J - 1 degrees of freedom (Cochran
    1954). Changes without a standard error, or with one of 0, have no weight and are left out;
    with fewer than two left nothing can differ: nan. The errors are taken as known, so those of
    few items make the test reject too often.
    """
    usable_J = np.isfinite(change_J) & np.isfinite(standard_error_J) & (standard_error_J > 0.0)
    change_j = change_J[usable_J]
    weight_j = 1.0 / np.square(standard_error_J[usable_J])
    degrees = max(len(change_j) - 1, 0)
    centre = float(weight_j @ change_j / weight_j.sum()) if len(change_j) else math.nan
    if degrees == 0:
        return HeterogeneityTest(q=math.nan, degrees=0, p_value=math.nan, centre=centre)
    q = float(weight_j @ np.square(change_j - centre))
    return HeterogeneityTest(q=q, degrees=degrees, p_value=float(chdtrc(degrees, q)), centre=centre)
