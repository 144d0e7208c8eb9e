"""Draw parts of a benchmark that hold its strata in proportion. I items, H strata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from forgetscope.statistics.sampling import nested_order

__all__ = ["apportion", "proportional_order"]


def proportional_order(
    keys: Sequence[str], strata: Sequence[str], *, seed: int
) -> NDArray[np.intp]:
    """Return the places of the items in an order whose every start holds the strata in proportion.

    Within a stratum the order is that of `nested_order`. Between strata it is that of Webster's
    (Sainte-Lague's) divisor method: the r-th item of a stratum of n stands at (r - 1/2) / n. That
    method never takes an item back when more are drawn, so a smaller part lies within a larger
    one, and a stratum is never further than it must from its share.

    Parameters
    ----------
    keys
        Stable names of the items, such as hashes of documents.
    strata
        What each item belongs to.
    seed
        Another seed, another order.

    Examples
    --------
    >>> order = proportional_order(list("abcdef"), ["x", "x", "x", "x", "y", "y"], seed=0)
    >>> sorted("xxxxyy"[place] for place in order[:3])
    ['x', 'x', 'y']
    """
    size_H = Counter(strata)
    seen_H: Counter[str] = Counter()
    stands_I: list[tuple[float, int]] = []
    for place in nested_order(keys, seed=seed).tolist():
        stratum = strata[place]
        stands_I.append(((seen_H[stratum] + 0.5) / size_H[stratum], place))
        seen_H[stratum] += 1
    # the sort is stable: what stands equally far keeps the random order
    stands_I.sort(key=lambda each: each[0])
    return np.array([place for _, place in stands_I], dtype=np.intp)


def apportion(size_H: Mapping[str, int], *, total: int, seed: int) -> dict[str, int]:
    """Return how many items each stratum gives to a part of `total`, in proportion to its size.

    Parameters
    ----------
    size_H
        Items of each stratum.
    total
        Items of the part; all of them where there are no more.
    seed
        Decides between strata that deserve the last item alike.

    Examples
    --------
    >>> apportion({"large": 600, "small": 200}, total=8, seed=0)
    {'large': 6, 'small': 2}
    """
    names = [name for name, size in size_H.items() for _ in range(size)]
    keys = [f"{name} {place}" for name, size in size_H.items() for place in range(size)]
    drawn = proportional_order(keys, names, seed=seed)[:total]
    given = Counter(names[place] for place in drawn.tolist())
    return {name: given[name] for name in size_H}
