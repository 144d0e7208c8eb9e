"""Portions: random parts of a benchmark that never mix. I items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

__all__ = ["Portion", "tickets"]

_SCALE = 2.0**-53


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The items whose tickets lie in [low, high).

    Whether an item belongs is settled by its own key alone: items that are added later leave the
    others where they are, and what was kept back stays kept back.
    """

    low: float
    high: float
    seed: int
    """Of the tickets; another seed, other parts."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.low < self.high <= 1.0:
            raise ValueError(f"a portion lies within 0 and 1: [{self.low}, {self.high})")

    def holds(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return which of the keys belong to it."""
        ticket_I = tickets(keys, seed=self.seed)
        return np.asarray((ticket_I >= self.low) & (ticket_I < self.high))


def tickets(keys: Sequence[str], *, seed: int) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each key, uniform over keys and the same for equal ones.

    Parameters
    ----------
    keys
        Stable names; items that are not independent share one, so that they stay together.
    seed
        Another seed, other numbers. They have nothing to do with `nested_order` of that seed.
    """
    numbers = [int.from_bytes(_digest(key, seed=seed)) >> 11 for key in keys]
    return np.array(numbers, dtype=np.float64) * _SCALE


def _digest(key: str, *, seed: int) -> bytes:
    data = key.encode("utf-8", "backslashreplace")
    return sha256(f"portion:{seed}:".encode() + data).digest()[:8]
