"""Sign-flip test of "nothing changed on average", by whole clusters.

If nothing changed, the difference of a cluster is as likely to be its opposite. The test asks how
often random signs make a sum as extreme as the one seen. For 0/1 scores and clusters of one it is
McNemar's exact test. G clusters whose sum is not zero, R random draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc
from scipy.stats import binom

__all__ = ["FlipTest", "sign_flip_test"]

_TIE = 1e-12
_ENUMERATED = 20
_DRAWS = 9_999
_WIDEST = 50_000
_MANY = 64  # equal magnitudes for which one binomial draw is quicker than their signs


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipTest:
    """Probabilities, under no change, of sums at least as extreme as the one seen."""

    p_value: float
    """Two-sided."""
    p_loss: float
    """One-sided: of a sum this low or lower."""
    p_gain: float
    """One-sided: of a sum this high or higher."""
    n_changed: int
    """Clusters whose sum is not zero."""
    method: str
    n_draws: int = 0
    """Random draws; 0 where the test is exact."""
    seed: int | None = None


def sign_flip_test(sum_G: NDArray[np.float64], *, seed: int) -> FlipTest:
    """Test that the cluster sums are symmetric about zero.

    Exact where all sums have one magnitude (binomial), where at most 20 are not zero
    (enumeration), and where all are whole numbers (their distribution is a convolution);
    otherwise 9,999 seeded draws, counted as (1 + hits) / 10,000.
    """
    changed_G = sum_G[np.abs(sum_G) > _TIE]
    # sorted magnitudes: the answer must not depend on the order of the items
    size_G = np.sort(np.abs(changed_G))
    total = float(changed_G.sum())
    if len(size_G) == 0:
        return FlipTest(p_value=1.0, p_loss=1.0, p_gain=1.0, n_changed=0, method="exact")
    if size_G[-1] - size_G[0] <= _TIE * size_G[-1]:
        return _binomial(int((changed_G < 0).sum()), len(size_G))
    if len(size_G) <= _ENUMERATED:
        return _enumerated(size_G, total)
    if np.all(np.abs(size_G - np.rint(size_G)) <= _TIE) and size_G.sum() <= _WIDEST:
        return _convolved(np.rint(size_G).astype(np.intp), round(total))
    return _drawn(size_G, total, seed)


def _binomial(n_down: int, n_changed: int) -> FlipTest:
    n_up = n_changed - n_down
    tail = float(bdtrc(max(n_down, n_up) - 1, n_changed, 0.5)) if n_changed else 1.0
    return FlipTest(
        p_value=min(1.0, 2.0 * tail),
        p_loss=float(bdtr(n_up, n_changed, 0.5)),
        p_gain=float(bdtr(n_down, n_changed, 0.5)),
        n_changed=n_changed,
        method="exact binomial",
    )


def _enumerated(size_G: NDArray[np.float64], total: float) -> FlipTest:
    """Count all 2^G sums: every sum of one half of the clusters meets every sum of the other."""
    half = len(size_G) // 2
    first, second = _all_sums(size_G[:half]), np.sort(_all_sums(size_G[half:]))
    tie = _TIE * float(size_G.sum())

    def share_at_least(bound: float) -> float:
        below = np.searchsorted(second, bound - tie - first, side="left")
        return float((len(second) - below).mean()) / len(second)

    beyond = share_at_least(abs(total))
    return FlipTest(
        p_value=min(1.0, 2.0 * beyond) if abs(total) > tie else 1.0,
        p_loss=share_at_least(-total),  # the distribution is symmetric
        p_gain=share_at_least(total),
        n_changed=len(size_G),
        method="exact enumeration",
    )


def _all_sums(size_G: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1)
    for size in size_G:
        sums = np.concatenate([sums - size, sums + size])
    return sums


def _convolved(size_G: NDArray[np.intp], total: int) -> FlipTest:
    """Combine, magnitude by magnitude, the distributions of how many signs are positive."""
    # place k of the distribution is the sum 2k - widest: only every second sum can occur
    distribution = np.ones(1)
    for size, count in zip(*np.unique(size_G, return_counts=True), strict=True):
        spread = np.zeros(int(size * count) + 1)
        spread[:: int(size)] = binom.pmf(np.arange(count + 1), count, 0.5)
        distribution = np.convolve(distribution, spread)
    widest = int(size_G.sum())
    tail = min(1.0, float(distribution[(abs(total) + widest) // 2 :].sum()))
    return FlipTest(
        p_value=min(1.0, 2.0 * tail) if total else 1.0,
        p_loss=min(1.0, float(distribution[: (total + widest) // 2 + 1].sum())),
        p_gain=min(1.0, float(distribution[(total + widest) // 2 :].sum())),
        n_changed=len(size_G),
        method="exact convolution",
    )


def _drawn(size_G: NDArray[np.float64], total: float, seed: int) -> FlipTest:
    rng = np.random.default_rng(seed)
    sum_R = _random_sums(size_G, rng)
    tie = _TIE * float(size_G.sum())

    def share(hit_R: NDArray[np.bool_]) -> float:
        return (1 + int(hit_R.sum())) / (_DRAWS + 1)

    return FlipTest(
        p_value=share(np.abs(sum_R) >= abs(total) - tie),
        p_loss=share(sum_R <= total + tie),
        p_gain=share(sum_R >= total - tie),
        n_changed=len(size_G),
        method="sampled",
        n_draws=_DRAWS,
        seed=seed,
    )


def _random_sums(size_G: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the sum of the magnitudes under random signs, drawn 9,999 times."""
    value_V, count_V = np.unique(size_G, return_counts=True)
    many_V = count_V >= _MANY
    sum_R = np.zeros(_DRAWS)
    for value, count in zip(value_V[many_V], count_V[many_V], strict=True):
        sum_R += value * (2.0 * rng.binomial(count, 0.5, size=_DRAWS) - count)
    # the rest, eight signs with each random byte, whose sums are looked up
    rest_G = np.repeat(value_V[~many_V], count_V[~many_V])
    octet_E8 = np.pad(rest_G, (0, -len(rest_G) % 8)).reshape(-1, 8)
    bit_B8 = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    table_EB = octet_E8 @ (2.0 * bit_B8 - 1.0).T
    for table_B in table_EB:
        sum_R += table_B[rng.integers(0, 256, size=_DRAWS, dtype=np.uint8)]
    return sum_R
