"""Shards: neighbours in the order of reading, cut where they have least in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise

from forgetscope.scoring import Unit

__all__ = ["cut"]

_LEEWAY = 0.25
"""How far a cut may move from its even place, as a share of a shard."""


def cut(
    units: Sequence[Unit], asked: Collection[str], *, n_most: int, least_cost: int
) -> list[frozenset[str]]:
    """Return the asked ids in shards that cost about the same.

    Parameters
    ----------
    units
        In the order of reading.
    asked
        Ids that are to be in exactly one shard; units without any are left out.
    n_most
        Shards at most.
    least_cost
        What a shard should cost at least, in tokens.
    """
    wanted = [unit for unit in units if any(each in asked for each in unit.ids)]
    total = sum(unit.cost for unit in wanted)
    n_shards = max(1, min(n_most, total // least_cost))
    edges = [0, *_edges(wanted, n_shards=n_shards), len(wanted)]
    shards = [
        frozenset(each for unit in wanted[start:stop] for each in unit.ids if each in asked)
        for start, stop in pairwise(edges)
    ]
    return [shard for shard in shards if shard]


def _edges(units: Sequence[Unit], *, n_shards: int) -> list[int]:
    """Return the places of the cuts."""
    before = [0, *accumulate(unit.cost for unit in units)]
    size = before[-1] / n_shards
    edges: list[int] = []
    for number in range(1, n_shards):
        even = number * size
        near = [
            place
            for place in range(edges[-1] + 1 if edges else 1, len(units))
            if abs(before[place] - even) <= _LEEWAY * size
        ]
        if near:
            # ties go to the most even cut
            edges.append(min(near, key=lambda p: (units[p].n_shared, abs(before[p] - even))))
    return edges
