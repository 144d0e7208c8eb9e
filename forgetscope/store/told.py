"""Everything one model said, as columns: what a table of all items holds beside their scores.

P places of items, in the order of the study's layout; A answers, item by item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Lists, StopReason
from forgetscope.store.database import Database
from forgetscope.store.gathering import gathered, spread
from forgetscope.store.slots import Order

__all__ = ["Told", "read_told"]

# in the order in which the rows lie on disk, as in `scores`
_SCORES = (
    "SELECT item, answer, extracted, error, is_truncated, is_invalid, n_tokens, gold_bits, "
    "gold_share FROM scores WHERE model = ? AND engine = ? AND sample = 0"
)
_REASONS = tuple(StopReason)
_CODES = " ".join(f"WHEN '{reason}' THEN {code}" for code, reason in enumerate(_REASONS))
_ANSWERS = (
    f"SELECT request, logprob, NULLIF(n_tokens, -1), CASE stop_reason {_CODES} END FROM answers "
    "WHERE model = ? AND engine = ? AND sample = 0"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What one model said of each item, first samples alone; `None` or nan where nothing was."""

    answer_P: NDArray[np.object_]
    extracted_P: NDArray[np.object_]
    error_P: NDArray[np.object_]
    is_truncated_P: NDArray[np.bool_]
    is_invalid_P: NDArray[np.bool_]
    n_generated_P: NDArray[np.float64]
    gold_bits_P: NDArray[np.float64]
    gold_share_P: NDArray[np.float64]
    n_tokens_P: NDArray[np.float64]
    """Tokens generated or scored, over all requests of the item."""
    stop_reason_P: NDArray[np.object_]
    """Of the first request that has one."""
    logprobs: Lists
    """By place, in the order of the item's requests."""


def read_told(database: Database, *, model: str, engine: str) -> Told:
    """Read what one model said of all items."""
    places = database.layout().places
    ids, answer, extracted, error, *numbers = gathered(
        database, _SCORES, (model, engine), kinds="oooofffff"
    )
    place_R, n = places.of(ids), len(places)
    truncated, invalid, *known = (spread(each, place_R, n, unknown=np.nan) for each in numbers)
    n_generated, gold_bits, gold_share = known
    requests, *asked = gathered(database, _ANSWERS, (model, engine), kinds="offf")
    logprob_A, tokens_A, reason_A = asked
    order = database.slots().order(requests)
    texts = [spread(each, place_R, n, unknown=None) for each in (answer, extracted, error)]
    return Told(
        answer_P=texts[0],
        extracted_P=texts[1],
        error_P=texts[2],
        is_truncated_P=truncated == 1.0,
        is_invalid_P=invalid == 1.0,
        n_generated_P=n_generated,
        gold_bits_P=gold_bits,
        gold_share_P=gold_share,
        n_tokens_P=_total(tokens_A, order),
        stop_reason_P=_first(reason_A, order),
        logprobs=_lists(logprob_A, order),
    )


def _total(value_A: NDArray[np.float64], order: Order) -> NDArray[np.float64]:
    n_places = len(order.end_P)
    total_P = np.bincount(order.place_A, value_A[order.answer_A], minlength=n_places)
    is_asked_P = np.diff(order.end_P, prepend=0) > 0
    return np.where(is_asked_P, total_P, np.nan)


def _first(code_A: NDArray[np.float64], order: Order) -> NDArray[np.object_]:
    """Return the first stop reason of each place."""
    code_A = code_A[order.answer_A]
    place_K, known_K = order.place_A[~np.isnan(code_A)], code_A[~np.isnan(code_A)]
    place_F, row_F = np.unique(place_K, return_index=True)
    names = np.array([*map(str, _REASONS)], dtype=object)
    first_P = np.full(len(order.end_P), None, dtype=object)
    first_P[place_F] = names[known_K[row_F].astype(np.intp)]
    return first_P


def _lists(value_A: NDArray[np.float64], order: Order) -> Lists:
    value_A = value_A[order.answer_A]
    is_known_A = ~np.isnan(value_A)
    n_P = np.bincount(order.place_A[is_known_A], minlength=len(order.end_P))
    return Lists(values=value_A[is_known_A], ends=np.cumsum(n_P, dtype=np.int64))
