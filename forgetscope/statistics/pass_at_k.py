"""pass@k: how often at least one of k samples is right.

I items, K samples padded with nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pass_at_k", "pass_sizes"]


def pass_at_k(sample_IK: NDArray[np.float64], *, k: int) -> NDArray[np.float64]:
    """Return the unbiased estimate of pass@k, item by item (Chen et al. 2021, arXiv:2107.03374).

    Equation 1: of n samples with c right ones, 1 - C(n - c, k) / C(n, k), the share of the subsets
    of k samples that hold a right one. The ratio is multiplied up draw by draw, without the large
    numbers of the binomials.

    Parameters
    ----------
    sample_IK
        0 or 1, padded with nan.
    k
        At least 1.

    Returns
    -------
    array of I
        Shares; nan for an item with fewer than k samples.

    Raises
    ------
    ValueError
        If k is below 1, or a score is neither 0 nor 1.

    Examples
    --------
    >>> pass_at_k(np.array([[1.0, 0.0, 0.0, 0.0]]), k=2).tolist()
    [0.5]
    """
    if k < 1:
        raise ValueError(f"at least one sample is looked at: {k}")
    known_IK = ~np.isnan(sample_IK)
    if not np.isin(sample_IK[known_IK], (0.0, 1.0)).all():
        raise ValueError("samples must be right or wrong, 1 or 0")
    n_I = known_IK.sum(axis=1)
    wrong_I = n_I - np.nansum(sample_IK, axis=1)
    # the chance that k draws without replacement are all wrong, draw by draw; at k > n - c it is 0
    drawn_k = np.arange(k)
    left_Ik = np.maximum(wrong_I[:, None] - drawn_k, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        all_wrong_I = np.prod(left_Ik / (n_I[:, None] - drawn_k), axis=1)
    return np.where(n_I >= k, 1.0 - all_wrong_I, np.nan)


def pass_sizes(n: int) -> tuple[int, ...]:
    """Return the k that are told of n samples: powers of two, and n itself.

    >>> pass_sizes(6)
    (1, 2, 4, 6)
    """
    powers = [1 << place for place in range(n.bit_length()) if 1 << place <= n]
    return tuple(dict.fromkeys([*powers, n] if n else []))
