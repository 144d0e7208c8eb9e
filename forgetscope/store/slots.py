"""Which answers belong to which item. S requests of all items, A answers, P places of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forgetscope.store.layout import Layout, Numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forgetscope.store.database import Database

__all__ = ["Order", "Slots"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Answers, put in the order of the items and of their requests."""

    answer_A: NDArray[np.intp]
    """Row of each answer, in that order."""
    place_A: NDArray[np.intp]
    """Place of its item."""
    end_P: NDArray[np.intp]
    """Number of answers up to each place, its own included."""


class Slots:
    """The requests of all items of a study.

    Parameters
    ----------
    slots
        A number for each request id: item by item, in the order of the item's requests.
    place_S
        Place of each request's item; -1 where the study has no such item.
    n_places
        Items of the study.
    """

    def __init__(self, slots: Numbered, *, place_S: NDArray[np.intp], n_places: int) -> None:
        self._slots = slots
        self._place_S = place_S
        self._n_places = n_places
        self._slot_A: NDArray[np.intp] | None = None
        self._order: Order | None = None

    @classmethod
    def read(cls, database: Database, layout: Layout) -> Slots:
        """Read them from a study."""
        rows = database.rows("SELECT item, id FROM requests ORDER BY item, position")
        items, ids = zip(*rows, strict=True) if rows else ((), ())
        slots = Numbered(dict(zip(ids, range(len(ids)), strict=True)))
        return cls(slots, place_S=layout.places.of(items), n_places=len(layout.places))

    def order(self, requests: Sequence[str]) -> Order:
        """Return the order of answers to these requests; those of no item are left out."""
        slot_A = self._slots.of(requests)
        if self._order is None or self._slot_A is not slot_A:
            self._slot_A, self._order = slot_A, self._ordered(slot_A)
        return self._order

    def _ordered(self, slot_A: NDArray[np.intp]) -> Order:
        known_A = np.flatnonzero(slot_A >= 0)
        place_A = self._place_S[slot_A[known_A]]
        known_A, place_A = known_A[place_A >= 0], place_A[place_A >= 0]
        order_A = np.lexsort((slot_A[known_A], place_A))
        n_P = np.bincount(place_A, minlength=self._n_places)
        return Order(
            answer_A=known_A[order_A], place_A=place_A[order_A], end_P=np.cumsum(n_P, dtype=np.intp)
        )
