"""Answering a part of a benchmark and estimating the whole.

The errors here are those of having drawn a part: a part that is the whole has none. N items in
all, of which n are drawn; H strata.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SampledMean",
    "difference_estimate",
    "nested_order",
    "neyman_allocation",
    "stratified_estimate",
]

_HALVINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledMean:
    """The mean over all items, estimated from a part of them."""

    value: float
    standard_error: float
    """Of having drawn a part; 0 for the whole, nan where a part of one item tells no spread."""


def nested_order(keys: Sequence[str], *, seed: int) -> NDArray[np.intp]:
    """Return the places of the items in a random order that belongs to their keys.

    Ordered by a hash of seed and key: the first 100 are the start of the first 500, the same items
    come first whatever the order of `keys`, and items that are added or dropped leave the others
    in order. Equal keys stay in the order given.

    Parameters
    ----------
    keys
        Stable names of the items, such as hashes of documents.
    seed
        Another seed, another order.
    """
    digest_I = [_digest(str(seed), key) for key in keys]
    order = sorted(range(len(keys)), key=digest_I.__getitem__)
    return np.array(order, dtype=np.intp)


def _digest(*parts: str) -> bytes:
    hasher = sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace")
        # the length keeps ("1", "2a") and ("12", "a") apart
        hasher.update(f"{len(data)}:".encode() + data)
    return hasher.digest()[:16]


def neyman_allocation(
    size_H: NDArray[np.int64], sd_H: NDArray[np.float64], *, total: int, least: int = 8
) -> NDArray[np.int64]:
    """Divide a number of items over strata so that the mean is known best.

    Each stratum gets items in proportion to its size times its standard deviation (Neyman 1934),
    but at least `least` and at most all it has; where all strata are alike, to its size.

    Parameters
    ----------
    size_H
        Items of each stratum.
    sd_H
        Standard deviation within each stratum, expected beforehand; 0 or more.
    total
        Items to divide.
    least
        Items that every stratum gets, if it has them: a spread must be seen to be believed.

    Raises
    ------
    ValueError
        If there are fewer than `total` items, or `total` cannot give every stratum its least.
    """
    if not (np.all(np.isfinite(sd_H)) and np.all(sd_H >= 0.0)):
        raise ValueError("standard deviations must be finite and 0 or more")
    low_H = np.minimum(least, size_H)
    if not low_H.sum() <= total <= size_H.sum():
        raise ValueError(
            f"{total} items cannot be divided: {low_H.sum()} are needed, {size_H.sum()} there"
        )
    # only proportions count; strata without spread get what the others cannot take, by size
    widest = float(sd_H.max(initial=0.0))
    spread_H = np.maximum(sd_H / widest, 1e-9) if widest > 0.0 else np.ones(len(sd_H))
    pull_H = size_H.astype(np.float64) * spread_H
    return _rounded(_filled(pull_H, low_H, size_H, total), low_H, size_H, total)


def _filled(
    pull_H: NDArray[np.float64],
    low_H: NDArray[np.int64],
    high_H: NDArray[np.int64],
    total: int,
) -> NDArray[np.float64]:
    """Return c * pull, kept between low and high, for the c at which it sums to the total."""
    present_H = pull_H > 0.0
    bottom, top = 0.0, float(np.max(high_H[present_H] / pull_H[present_H], initial=0.0))
    for _ in range(_HALVINGS):
        middle = 0.5 * (bottom + top)
        if np.clip(middle * pull_H, low_H, high_H).sum() < total:
            bottom = middle
        else:
            top = middle
    filled_H: NDArray[np.float64] = np.clip(top * pull_H, low_H, high_H)
    return filled_H


def _rounded(
    share_H: NDArray[np.float64],
    low_H: NDArray[np.int64],
    high_H: NDArray[np.int64],
    total: int,
) -> NDArray[np.int64]:
    """Return whole numbers of the same total: the largest remainders are rounded up."""
    whole_H = np.clip(np.floor(share_H + 1e-9).astype(np.int64), low_H, high_H)
    for h in np.argsort(whole_H - share_H, kind="stable")[: total - int(whole_H.sum())]:
        whole_H[h] += 1
    return whole_H


def stratified_estimate(
    mean_H: NDArray[np.float64],
    variance_H: NDArray[np.float64],
    n_H: NDArray[np.int64],
    size_H: NDArray[np.int64],
) -> SampledMean:
    """Return the mean over all items from the means of the strata.

    Mean = sum W_h mean_h and SE^2 = sum W_h^2 s_h^2 / n_h (1 - n_h / N_h), with W_h = N_h / N
    (Cochran 1977, Sampling Techniques, sections 5.3-5.4): unbiased whatever the allocation.

    Parameters
    ----------
    mean_H
        Mean of the items drawn from each stratum.
    variance_H
        Their variance, with n - 1 below; of no account in a stratum that was drawn whole.
    n_H, size_H
        Items drawn from each stratum, and all it has.

    Raises
    ------
    ValueError
        If more items were drawn than a stratum has, or none of one that has some.
    """
    if np.any(n_H > size_H) or np.any((n_H == 0) & (size_H > 0)):
        raise ValueError("from each stratum at least one item must be drawn, and at most all")
    size = int(size_H.sum())
    if size == 0:
        return SampledMean(value=math.nan, standard_error=math.nan)
    # what is said of an empty stratum, or of one drawn whole, must not count, not even nan
    weight_H = size_H / size
    unseen_H = 1.0 - n_H / np.maximum(size_H, 1)
    open_H = (unseen_H > 0.0) & (size_H > 0)
    error_H = weight_H**2 * variance_H / np.maximum(n_H, 1) * unseen_H
    return SampledMean(
        value=float(np.sum((weight_H * mean_H)[size_H > 0])),
        standard_error=math.sqrt(float(error_H[open_H].sum())),
    )


def difference_estimate(
    proxy_all_N: NDArray[np.float64],
    proxy_sub_n: NDArray[np.float64],
    d_sub_n: NDArray[np.float64],
) -> SampledMean:
    """Return the mean of an expensive number over all items, with the help of a cheap proxy.

    Mean = mean_all(f) + mean_sub(d - f): unbiased for any proxy f fixed beforehand, and as sharp
    as the proxy is near (Cochran 1977, section 7.3, with slope 1). The part must be a simple random
    one, as a start of `nested_order` is.

    Parameters
    ----------
    proxy_all_N
        The proxy of every item.
    proxy_sub_n, d_sub_n
        The proxy and the number itself of the n drawn items, in the same order.

    Raises
    ------
    ValueError
        If none or more than all items were drawn, or the two differ in length.
    """
    n, size = len(d_sub_n), len(proxy_all_N)
    if len(proxy_sub_n) != n or not 0 < n <= size:
        raise ValueError(
            f"{n} numbers and {len(proxy_sub_n)} proxies cannot stand for {size} items"
        )
    gap_n = d_sub_n - proxy_sub_n
    unseen = 1.0 - n / size
    if unseen == 0.0:
        error = 0.0
    elif n == 1:
        error = math.nan
    else:
        error = math.sqrt(float(gap_n.var(ddof=1)) / n * unseen)
    return SampledMean(value=float(proxy_all_N.mean() + gap_n.mean()), standard_error=error)
