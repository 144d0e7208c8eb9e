"""Decks: rows dealt in a random order without end, and without a history."""

from __future__ import annotations

import random

from forgetscope.errors import UsageError

__all__ = ["Deck"]


class Deck:
    """The numbers below `n`, shuffled anew after every round.

    What lies at a position depends on the seed and the position alone, so a run that is resumed
    needs no memory of what it dealt, and one deck does not move when another is added.

    >>> deck = Deck(3, seed="0 math")
    >>> sorted(deck[i] for i in range(3)), sorted(deck[i] for i in range(3, 6))
    ([0, 1, 2], [0, 1, 2])
    """

    def __init__(self, n: int, *, seed: str) -> None:
        if n < 1:
            raise UsageError("a deck needs at least one row")
        self._n = n
        self._seed = seed
        self._round = -1
        self._order: list[int] = []

    def __getitem__(self, position: int) -> int:
        """Return the row at a position, which counts from 0 over all rounds."""
        number, place = divmod(position, self._n)
        if number != self._round:
            self._round = number
            self._order = list(range(self._n))
            random.Random(f"{self._seed} {number}").shuffle(self._order)
        return self._order[place]
