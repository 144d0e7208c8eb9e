"""Every item as every checkpoint answered it, column by column. I items of one task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgetscope.api.embedding import hidden_answer, hidden_gold
from forgetscope.api.sides import Side
from forgetscope.diagnosis.form import classify
from forgetscope.interchange import ItemColumns
from forgetscope.records import (
    Column,
    FormatClass,
    Item,
    Profile,
    Score,
    Transition,
)
from forgetscope.store import Told

__all__ = ["item_columns"]

_FORMS = (*FormatClass, None)  # so that -1, which stands for none, is the last of them
_TURNS = (*Transition, None)


def item_columns(
    sides: Sequence[Side], profiles: Sequence[Profile], *, is_redacted: bool = False
) -> Iterator[ItemColumns]:
    """Yield the items of each task of each checkpoint, with their transition against the base.

    Parameters
    ----------
    sides, profiles
        The series, base first, in the same order.
    is_redacted
        Whether prompts, options and right answers are left out.
    """
    base = {column.task.name: column for column in profiles[0].columns}
    asked: dict[str, _Asked] = {}
    for place, (side, profile) in enumerate(zip(sides, profiles, strict=True)):
        told = side.answers().told()
        for column in profile.columns:
            known = asked.get(column.task.name)
            if known is None or not known.is_of(side, column):
                known = asked[column.task.name] = _Asked.read(side, column, is_redacted)
            turn_I = _turns(base.get(column.task.name) if place else None, column)
            yield _columns(side, column, known, told, turn_I)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """What the items of a task are: the same for all checkpoints of a study."""

    side: Side
    item_ids: tuple[str, ...]
    items: tuple[Item, ...]
    place_I: NDArray[np.intp]
    """Where they stand in what a model told."""
    redacted: bool
    columns: dict[str, list[Any]]

    @classmethod
    def read(cls, side: Side, column: Column, redacted: bool) -> _Asked:
        by_id = side.study.items(column.item_ids)
        items = tuple(by_id[item_id] for item_id in column.item_ids)
        gold = (hidden_gold(i.gold, i.choices) if redacted else i.gold for i in items)
        columns: dict[str, list[Any]] = {
            "item_id": list(column.item_ids),
            "document_id": [item.document_id for item in items],
            "cluster": [item.cluster for item in items],
            "prompt_hash": [item.prompt_hash for item in items],
            "prompt": ["" if redacted else item.prompt for item in items],
            "gold": list(gold),
            "choices": [_options(item) if redacted else item.choices for item in items],
        }
        return cls(
            side=side,
            item_ids=column.item_ids,
            items=items,
            place_I=side.answers().places(column.item_ids),
            redacted=redacted,
            columns=columns,
        )

    def is_of(self, side: Side, column: Column) -> bool:
        """Whether these are the items of a column."""
        return self.side.study is side.study and self.item_ids == column.item_ids

    def shown(self, answers: list[str]) -> list[str]:
        """Return answers as a reader may see them."""
        if not self.redacted:
            return answers
        pairs = zip(answers, self.items, strict=True)
        return [hidden_answer(answer, item.choices) for answer, item in pairs]


def _options(item: Item) -> tuple[str, ...]:
    return tuple(hidden_answer(choice, item.choices) for choice in item.choices)


def _turns(before: Column | None, after: Column) -> NDArray[np.int8]:
    """Return what became of each item, as its place among `_TURNS`; see `transition_of`."""
    n, is_new_I = len(after.item_ids), np.zeros(len(after.item_ids), dtype=bool)
    if before is None:
        return np.full(n, -1, dtype=np.int8)
    if before.item_ids == after.item_ids:
        before_I = before.value_I
    else:
        values = dict(zip(before.item_ids, before.value_I.tolist(), strict=True))
        is_new_I = np.array([item_id not in values for item_id in after.item_ids], dtype=bool)
        before_I = np.array([values.get(item_id, 0.0) for item_id in after.item_ids])
    sign = 1.0 if after.task.higher_is_better else -1.0
    with np.errstate(invalid="ignore"):  # what is infinite on both sides has no change
        change_I = sign * (after.value_I - before_I)
    kept_I = np.where(after.value_I >= 0.5, _turn(Transition.RETAINED), _turn(Transition.UNSOLVED))
    turn_I = np.where(change_I < 0, _turn(Transition.LOST), kept_I)
    turn_I = np.where(change_I > 0, _turn(Transition.GAINED), turn_I)
    return np.where(is_new_I, -1, turn_I).astype(np.int8)


def _turn(transition: Transition) -> int:
    return _TURNS.index(transition)


def _columns(
    side: Side, column: Column, asked: _Asked, told: Told, turn_I: NDArray[np.int8]
) -> ItemColumns:
    place_I = asked.place_I

    def of(value_P: NDArray[np.object_]) -> list[Any]:
        values: list[Any] = value_P[place_I].tolist()
        return values

    return ItemColumns(
        checkpoint=side.name,
        step=side.study.checkpoint(side.label).step,
        task=column.task.name,
        domain=column.task.domain,
        **asked.columns,
        answer=asked.shown(of(told.answer_P)),
        extracted=of(told.extracted_P),
        # of several samples the text is that of the first, the value that of all
        score=column.value_I,
        logprobs=told.logprobs.at(place_I),
        n_tokens=told.n_tokens_P[place_I],
        stop_reason=of(told.stop_reason_P),
        is_truncated=told.is_truncated_P[place_I],
        is_invalid=told.is_invalid_P[place_I],
        error=of(told.error_P),
        transition=[_TURNS[code] for code in turn_I.tolist()],
        format_class=_failures(column, asked, told, turn_I),
        form=[_FORMS[code] for code in column.form_I.tolist()],
        n_generated=told.n_generated_P[place_I],
        gold_bits=told.gold_bits_P[place_I],
        gold_share=told.gold_share_P[place_I],
    )


def _failures(
    column: Column,
    asked: _Asked,
    told: Told,
    turn_I: NDArray[np.int8],
) -> list[FormatClass | None]:
    """Return why each lost item counts as wrong; `None` for the others."""
    found: list[FormatClass | None] = [None] * len(asked.items)
    for row in np.flatnonzero(turn_I == _turn(Transition.LOST)).tolist():
        form = _FORMS[column.form_I[row]]
        found[row] = form or _classified(column, asked.items[row], told, int(asked.place_I[row]))
    return found


def _classified(column: Column, item: Item, told: Told, place: int) -> FormatClass:
    score = Score(
        item_id=item.id,
        value=0.0,
        answer=told.answer_P[place],
        extracted=told.extracted_P[place],
        is_truncated=bool(told.is_truncated_P[place]),
        is_invalid=bool(told.is_invalid_P[place]),
        error=told.error_P[place],
    )
    return classify(score, item, output_type=column.task.output_type)
