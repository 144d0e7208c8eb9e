"""Where each item of a study stands: its task, and its place among the items of that task.

All checkpoints share this, so it is read once, and their columns share its names. S requests
("slots") of all items, item by item.
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

__all__ = ["Layout", "Slots", "TaskItems"]

_QUERY = (
    "SELECT id, prompt_hash, cluster, chance FROM items WHERE task = ? ORDER BY document_id, id"
)


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
    places: Mapping[str, int]
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
        return cls(tasks=tasks, places=places)

    def places_of(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the place of each item; -1 where the study has no such item."""
        found = map(self.places.get, ids, repeat(-1))
        return np.fromiter(found, dtype=np.intp, count=len(ids))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slots:
    """The requests of all items."""

    slots: dict[str, int]
    """Slot of each request id."""
    place_S: NDArray[np.intp]
    """Place of the item; -1 where the study has no such item."""

    @classmethod
    def read(cls, database: Database, layout: Layout) -> Slots:
        """Read them from a study."""
        rows = database.rows("SELECT item, id FROM requests ORDER BY item, position")
        items, ids = zip(*rows, strict=True) if rows else ((), ())
        return cls(
            slots=dict(zip(ids, range(len(ids)), strict=True)), place_S=layout.places_of(items)
        )
