"""One quantile for many claims made side by side (max-t).

Cells that share items move together, so the largest of their errors is smaller than that of as many
independent ones, and Bonferroni asks for more than needed. The cluster multiplier bootstrap draws a
standard normal number per cluster and sums it times the residuals of each cell. Given the data,
those sums ARE normal, with the covariance of the residuals: so they are drawn from it directly, and
the number of clusters costs nothing. M cells, G clusters, K contrasts, R draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtr, ndtri

__all__ = ["Residuals", "each_alpha", "joint_covariance", "joint_quantile"]

_DUST = 1e-12
_CHUNK = 4_000_000  # numbers held at once: 32 MB


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """What each cluster adds to the error of some cells that were measured on the same items."""

    cluster_G: NDArray[np.intp]
    """Numbers of the clusters, no number twice; equal in two blocks where the source is."""
    residual_GM: NDArray[np.float64]
    """A column per cell, see `ClusteredMean.residual_G`."""


def joint_covariance(blocks: Sequence[Residuals]) -> NDArray[np.float64]:
    """Return the covariance of the errors of all cells, numbered block after block.

    It is sum_g r_g s_g over the clusters that two cells share, times G/(G-1) (between blocks, the
    geometric mean of theirs): its diagonal is the squared clustered standard error. Blocks without
    a common cluster are independent. A block of a single cluster has nan.
    """
    edges = np.cumsum([0, *(block.residual_GM.shape[1] for block in blocks)])
    covariance_MM = np.zeros((edges[-1], edges[-1]))
    for i, one in enumerate(blocks):
        rows = slice(edges[i], edges[i + 1])
        covariance_MM[rows, rows] = _factor(one) ** 2 * (one.residual_GM.T @ one.residual_GM)
    for i, j, row_i, row_j in _meetings(blocks):
        shared = blocks[i].residual_GM[row_i].T @ blocks[j].residual_GM[row_j]
        shared *= _factor(blocks[i]) * _factor(blocks[j])
        covariance_MM[edges[i] : edges[i + 1], edges[j] : edges[j + 1]] = shared
        covariance_MM[edges[j] : edges[j + 1], edges[i] : edges[i + 1]] = shared.T
    return covariance_MM


def _factor(block: Residuals) -> float:
    n_clusters = len(block.cluster_G)
    return math.sqrt(n_clusters / (n_clusters - 1)) if n_clusters > 1 else math.nan


def _meetings(
    blocks: Sequence[Residuals],
) -> list[tuple[int, int, NDArray[np.intp], NDArray[np.intp]]]:
    """Return the pairs of blocks with common clusters, and the rows of these in each block."""
    meetings = []
    for j, other in enumerate(blocks):
        for i, one in enumerate(blocks[:j]):
            if _are_apart(one.cluster_G, other.cluster_G):
                continue
            shared, row_i, row_j = np.intersect1d(
                one.cluster_G, other.cluster_G, assume_unique=True, return_indices=True
            )
            if len(shared):
                meetings.append((i, j, row_i, row_j))
    return meetings


def _are_apart(one_G: NDArray[np.intp], other_G: NDArray[np.intp]) -> bool:
    """Whether the numbers lie in ranges that do not meet, which is quick to see."""
    if len(one_G) == 0 or len(other_G) == 0:
        return True
    return bool(one_G.max() < other_G.min() or other_G.max() < one_G.min())


def joint_quantile(
    covariance_MM: NDArray[np.float64],
    *,
    alpha: float,
    seed: int,
    plus_K: NDArray[np.intp] | None = None,
    minus_K: NDArray[np.intp] | None = None,
    draws: int = 10_000,
) -> float:
    """Return the 1 - alpha quantile of the largest standardised error of the contrasts.

    With probability 1 - alpha no estimate of the family exceeds its true value by more than this
    many standard errors; by symmetry, none falls below by more. Exact where there is one contrast;
    otherwise from `draws` seeded draws, so good to about 0.01.

    Parameters
    ----------
    covariance_MM
        Of the errors of the cells, see `joint_covariance`.
    alpha
        Error probability of the family, in (0, 0.5).
    plus_K, minus_K
        Contrast k is cell plus_K[k] minus cell minus_K[k]; both or neither. Without them each cell
        is a contrast by itself.

    Returns
    -------
    float
        Between the quantile of a single claim and Bonferroni's; nan if no contrast has a variance.
    """
    n_cells = len(covariance_MM)
    if plus_K is None or minus_K is None:
        plus_K, minus_K = np.arange(n_cells), None
    error_K = _errors(covariance_MM, plus_K, minus_K)
    usable_K = error_K > 0.0
    plus_K, error_K = plus_K[usable_K], error_K[usable_K]
    minus_K = None if minus_K is None else minus_K[usable_K]
    if len(plus_K) == 0:
        return math.nan
    single = -float(ndtri(alpha))
    if len(plus_K) == 1:
        return single
    rng = np.random.default_rng(seed)
    roots = _roots(covariance_MM)
    largest_R = np.full(draws, -np.inf)
    step = max(1, _CHUNK // max(n_cells, 1))
    for first in range(0, draws, step):
        x_RM = np.zeros((min(step, draws - first), n_cells))
        for cell_m, root_mm in roots:
            x_RM[:, cell_m] = rng.standard_normal((len(x_RM), root_mm.shape[1])) @ root_mm.T
        largest_R[first : first + step] = _largest(x_RM, plus_K, minus_K, error_K)
    joint = float(np.quantile(largest_R, 1.0 - alpha, method="higher"))
    # what is true of the exact quantile: claims cost something, and never more than Bonferroni's
    return min(max(single, joint), -float(ndtri(alpha / len(plus_K))))


def _roots(
    covariance_MM: NDArray[np.float64],
) -> list[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Return groups of cells that move apart from all others, each with its root of covariance.

    Tasks without a common source are such groups: fifty small problems instead of a large one.
    """
    variance_M = np.diag(covariance_MM)
    known_M = np.isfinite(variance_M) & (variance_M > 0.0)
    error_M = np.sqrt(np.where(known_M, variance_M, 1.0))
    # of the correlation, so that a cell in a small unit is not taken for dust
    correlation_MM = np.where(
        np.outer(known_M, known_M), covariance_MM / np.outer(error_M, error_M), 0.0
    )
    _, group_M = connected_components(csr_array(correlation_MM != 0.0), directed=False)
    return [
        (cell_m, error_M[cell_m, None] * _root(correlation_MM[np.ix_(cell_m, cell_m)]))
        for group in np.unique(group_M[known_M]).tolist()
        for cell_m in [np.flatnonzero(group_M == group)]
    ]


def _root(correlation_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return A with A A' = the correlation."""
    value_m, vector_mm = np.linalg.eigh(correlation_mm)
    kept_m = value_m > 1e-14 * float(value_m.max(initial=0.0))
    root_mm: NDArray[np.float64] = vector_mm[:, kept_m] * np.sqrt(value_m[kept_m])
    return root_mm


def _errors(
    covariance_MM: NDArray[np.float64],
    plus_K: NDArray[np.intp],
    minus_K: NDArray[np.intp] | None,
) -> NDArray[np.float64]:
    """Return the standard error of each contrast; 0 where it is dust or undefined."""
    variance_M = np.diag(covariance_MM)
    if minus_K is None:
        variance_K, scale_K = variance_M[plus_K], variance_M[plus_K]
    else:
        scale_K = variance_M[plus_K] + variance_M[minus_K]
        variance_K = scale_K - 2.0 * covariance_MM[plus_K, minus_K]
    is_real_K = np.isfinite(variance_K) & (variance_K > _DUST * scale_K)
    return np.sqrt(np.where(is_real_K, variance_K, 0.0))


def _largest(
    x_RM: NDArray[np.float64],
    plus_K: NDArray[np.intp],
    minus_K: NDArray[np.intp] | None,
    error_K: NDArray[np.float64],
) -> NDArray[np.float64]:
    if minus_K is None:
        own_R: NDArray[np.float64] = (x_RM[:, plus_K] / error_K).max(axis=1)
        return own_R
    x_MR = np.ascontiguousarray(x_RM.T)
    largest_R = np.full(len(x_RM), -np.inf)
    for plus, minus, error in zip(plus_K, minus_K, error_K, strict=True):
        np.maximum(largest_R, (x_MR[plus] - x_MR[minus]) / error, out=largest_R)
    return largest_R


def each_alpha(quantile: float) -> float:
    """Return the level of one claim whose normal quantile this is.

    Intervals made at this level, each by the method its data ask for, hold together at the level of
    the family: near a margin better than estimate +- quantile x standard error.
    """
    return float(ndtr(-quantile))
