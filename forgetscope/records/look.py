"""Looks: how far a domain was asked while its evidence was watched."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The last look at one domain of one checkpoint, whose items came in random order.

    Whoever looks again and again, and stops when the evidence is enough, must judge by evidence
    that holds at any moment: an interval made for a fixed number of items would not.
    """

    domain: str
    n: int
    """Items that were asked."""
    of: int
    """Items the domain has."""
    share: float
    """Items were asked whose tickets lie below; 1 where all were."""
    seed: int
    """Of the tickets; see `statistics.Portion`."""
    largest: int
    """Items of the largest cluster of the whole domain."""
    margin: float
    """Largest loss that counted as held when it was decided whether to go on."""

    @property
    def is_whole(self) -> bool:
        """Whether every item was asked."""
        return self.share >= 1.0

    def joined(self, other: Look | None) -> Look:
        """Return how far two checkpoints were both asked."""
        if other is None:
            return self
        first, second = sorted((self, other), key=lambda look: look.share)
        return Look(
            domain=first.domain,
            n=first.n,
            of=max(first.of, second.of),
            share=first.share,
            seed=first.seed,
            largest=max(first.largest, second.largest),
            margin=first.margin,
        )
