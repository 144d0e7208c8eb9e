"""Everything one model said, as columns: what a table of all items holds beside their scores.

P places of a layout; S requests ("slots") of all its items, item by item.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forgetscope.store.database import Database
    from forgetscope.store.layout import Layout, Slots

__all__ = ["Told", "read_told"]

# in the order in which the rows lie on disk, as in `columns`
_SCORES = (
    "SELECT item, answer, extracted, error, is_truncated, is_invalid, n_tokens, gold_bits, "
    "gold_share FROM scores WHERE model = ? AND engine = ? AND sample = 0"
)
_ANSWERS = (
    "SELECT request, logprob, n_tokens, stop_reason FROM answers "
    "WHERE model = ? AND engine = ? AND sample = 0"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What one model said of each item, first samples alone; `None` where it said nothing."""

    answer_P: NDArray[np.object_]
    extracted_P: NDArray[np.object_]
    error_P: NDArray[np.object_]
    is_truncated_P: NDArray[np.bool_]
    is_invalid_P: NDArray[np.bool_]
    n_generated_P: NDArray[np.object_]
    gold_bits_P: NDArray[np.object_]
    gold_share_P: NDArray[np.object_]
    n_tokens_P: NDArray[np.object_]
    """Tokens generated or scored, over all requests of the item."""
    stop_reason_P: NDArray[np.object_]
    """Of the first request that has one."""
    logprobs: list[list[float]]
    """By place; in the order of the item's requests, empty where there is none."""


def read_told(database: Database, layout: Layout, slots: Slots, *, model: str, engine: str) -> Told:
    """Read what one model said of all items."""
    found = database.rows(_SCORES, (model, engine))
    ids, *columns = zip(*found, strict=True) if found else [()] * 9
    place_R = layout.places_of(ids)
    spread = [_spread(column, place_R, len(layout.places)) for column in columns]
    answer, extracted, error, truncated, invalid, n_generated, gold_bits, gold_share = spread
    n_tokens, stop_reason, logprobs = _asked(
        database.rows(_ANSWERS, (model, engine)), slots, len(layout.places)
    )
    return Told(
        answer_P=answer,
        extracted_P=extracted,
        error_P=error,
        is_truncated_P=truncated.astype(np.bool_),
        is_invalid_P=invalid.astype(np.bool_),
        n_generated_P=n_generated,
        gold_bits_P=gold_bits,
        gold_share_P=gold_share,
        n_tokens_P=n_tokens,
        stop_reason_P=stop_reason,
        logprobs=logprobs,
    )


def _asked(
    rows: Sequence[tuple[Any, ...]], slots: Slots, n_places: int
) -> tuple[NDArray[np.object_], NDArray[np.object_], list[list[float]]]:
    """Return tokens, stop reason and log-probabilities of each place. A answers."""
    ids, logprobs, tokens, reasons = zip(*rows, strict=True) if rows else [()] * 4
    slot_A = np.fromiter(map(slots.slots.get, ids, repeat(-1)), dtype=np.intp, count=len(ids))
    order_A = np.argsort(slot_A, kind="stable")
    order_A = order_A[slot_A[order_A] >= 0]
    place_A = slots.place_S[slot_A[order_A]]
    order_A, place_A = order_A[place_A >= 0], place_A[place_A >= 0]
    tokens_P = np.bincount(place_A, _array(tokens)[order_A].astype(float), minlength=n_places)
    is_asked_P = np.bincount(place_A, minlength=n_places) > 0
    n_tokens_P = tokens_P.astype(np.int64).astype(object)
    n_tokens_P[~is_asked_P] = None
    return (
        n_tokens_P,
        _first(reasons, order_A, place_A, n_places),
        _lists(_array(logprobs)[order_A], place_A, n_places),
    )


def _first(
    values: Sequence[Any], order_A: NDArray[np.intp], place_A: NDArray[np.intp], n_places: int
) -> NDArray[np.object_]:
    value_A = _array(values)[order_A]
    is_known_A = value_A != None  # noqa: E711  # element by element
    first_P = np.full(n_places, None, dtype=object)
    # of equal places the last one written stays, so the first comes last
    first_P[place_A[is_known_A][::-1]] = value_A[is_known_A][::-1]
    return first_P


def _lists(
    logprob_A: NDArray[np.object_], place_A: NDArray[np.intp], n_places: int
) -> list[list[float]]:
    is_known_A = logprob_A != None  # noqa: E711  # element by element
    known: list[float] = logprob_A[is_known_A].tolist()
    place_K = place_A[is_known_A]
    order_K = np.argsort(place_K, kind="stable")
    known = [known[place] for place in order_K.tolist()]
    ends: list[int] = np.cumsum(np.bincount(place_K, minlength=n_places)).tolist()
    return [known[start:end] for start, end in pairwise([0, *ends])]


def _spread(values: Sequence[Any], place_R: NDArray[np.intp], n: int) -> NDArray[np.object_]:
    value_P = np.full(n, None, dtype=object)
    value_P[place_R[place_R >= 0]] = _array(values)[place_R >= 0]
    return value_P


def _array(values: Sequence[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
