"""Where each item of a study stands: its task, and its place among the items of that task.

All checkpoints share this, so it is read once, and their columns share its names.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forgetscope.store.database import Database

__all__ = ["Layout", "Numbered", "TaskItems"]

_QUERY = (
    "SELECT id, prompt_hash, cluster, chance FROM items WHERE task = ? ORDER BY document_id, id"
)


class Numbered:
    """Names with a number each; remembers the last answer, as every checkpoint asks the same.

    Parameters
    ----------
    numbers
        By name.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers
        self._names: Sequence[str] = ()
        self._number_N: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, names: Sequence[str]) -> NDArray[np.intp]:
        """Return the number of each name; -1 where there is none. Equal names give one array."""
        if names != self._names:
            found = map(self._numbers.get, names, repeat(-1))
            self._number_N = np.fromiter(found, dtype=np.intp, count=len(names))
            self._number_N.flags.writeable = False
            self._names = names
        return self._number_N


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaskItems:
    """The items of one task, in the order of its documents. I items."""

    start: int
    """Place of the first among all items of the study."""
    ids: tuple[str, ...]
    prompt_hashes: tuple[str, ...]
    clusters: tuple[str, ...]
    chance_I: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """The items of all tasks, one task after the other."""

    tasks: Mapping[str, TaskItems]
    places: Numbered
    """Place of each item id among all items."""

    @classmethod
    def read(cls, database: Database) -> Layout:
        """Read it from a study."""
        tasks: dict[str, TaskItems] = {}
        places: dict[str, int] = {}
        for (name,) in database.rows("SELECT DISTINCT task FROM items"):
            rows = database.rows(_QUERY, (name,))
            ids, hashes, clusters, chances = zip(*rows, strict=True)
            tasks[name] = TaskItems(
                start=len(places),
                ids=ids,
                prompt_hashes=hashes,
                clusters=clusters,
                chance_I=np.array(chances, dtype=np.float64),
            )
            places.update(zip(ids, range(len(places), len(places) + len(ids)), strict=True))
        return cls(tasks=tasks, places=Numbered(places))
