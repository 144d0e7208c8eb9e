"""Blocks: the items of a domain in random order, cut where one may stop.

The order belongs to the items' own clusters and a seed, so that all checkpoints share it. A block
is answered as a whole and alone: its batches, and so every digit of the answers, are the same for
all checkpoints, whether or not a run was interrupted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from forgetscope.evaluation.harness import Built
from forgetscope.statistics import Portion, tickets

__all__ = ["Block", "Queue", "queues"]

_FEWEST = 50
"""Items of the first blocks."""
_FEWEST_SHARED = 4
"""Items of each task whose examples all its items share: fewer would read them too often."""
_GROWTH = 0.25
"""A block is at least so large a share of what was asked before it: what is decided within a block
is seen at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Items that are asked between two looks."""

    low: float
    high: float
    """Tickets of its items lie in [low, high)."""
    n_so_far: int
    """Items up to its end."""


class Queue:
    """The items of one domain, in the order in which they are asked.

    Parameters
    ----------
    domain
        Its name.
    built
        Its tasks.
    seed
        Of the order.
    """

    def __init__(self, domain: str, built: Sequence[Built], *, seed: int) -> None:
        self.domain = domain
        self.built = tuple(built)
        self.seed = seed

    @property
    def n(self) -> int:
        """All items."""
        return sum(len(each.items) for each in self.built)

    @cached_property
    def largest(self) -> int:
        """Items of the largest cluster."""
        return max(Counter(self._clusters()).values(), default=1)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in order; clusters are never cut."""
        sizes = sorted(Counter(tickets(self._clusters(), seed=self.seed).tolist()).items())
        return tuple(_cut(sizes, fewest=self._fewest()))

    def parts(self, block: Block) -> tuple[Built, ...]:
        """Return the items of a block, task by task."""
        portion = Portion(low=block.low, high=block.high, seed=self.seed)
        found = (each.part(portion) for each in self.built)
        return tuple(each for each in found if each.items)

    def _clusters(self) -> list[str]:
        return [item.cluster for each in self.built for item in each.items]

    def _fewest(self) -> int:
        return max(_FEWEST, _FEWEST_SHARED * sum(map(_shares_examples, self.built)))


def queues(built: Sequence[Built], *, seed: int) -> tuple[Queue, ...]:
    """Return the domains of some tasks, in the order in which they first occur."""
    by_domain: dict[str, list[Built]] = {}
    for each in built:
        by_domain.setdefault(each.loaded.task.domain, []).append(each)
    found = (Queue(name, tasks, seed=seed) for name, tasks in by_domain.items())
    return tuple(queue for queue in found if queue.n)


def _cut(sizes: Sequence[tuple[float, int]], *, fewest: int) -> Iterator[Block]:
    """Yield blocks of clusters, given as pairs of ticket and number of items."""
    low, before, seen = 0.0, 0, 0
    for place, (_, size) in enumerate(sizes):
        seen += size
        is_last = place + 1 == len(sizes)
        if is_last or seen - before >= max(fewest, _GROWTH * before):
            high = 1.0 if is_last else sizes[place + 1][0]
            yield Block(low=low, high=high, n_so_far=seen)
            low, before = high, seen


def _shares_examples(built: Built) -> bool:
    """Whether most of what the items of a task are asked is the same for all of them."""
    contexts = [request.context for request in built.requests]
    if len(contexts) < 2:
        return False
    first, last = contexts[0], contexts[-1]
    shortest = min(len(first), len(last))
    pairs = enumerate(zip(first, last, strict=False))
    shared = next((place for place, (a, b) in pairs if a != b), shortest)
    return 2 * shared > shortest
