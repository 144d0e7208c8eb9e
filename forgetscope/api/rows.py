"""Every item as every checkpoint answered it, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from forgetscope.api.embedding import hidden_answer, hidden_gold
from forgetscope.api.sides import Side
from forgetscope.api.stories import transition_of
from forgetscope.diagnosis.form import classify
from forgetscope.interchange import ItemRow
from forgetscope.records import (
    Answer,
    Column,
    FormatClass,
    Item,
    Profile,
    Score,
    Task,
    Transition,
)

__all__ = ["item_rows"]

_FORMS = list(FormatClass)
_CHUNK = 2000
"""Items whose texts are in memory at one time."""


def item_rows(
    sides: Sequence[Side], profiles: Sequence[Profile], *, is_redacted: bool = False
) -> Iterator[ItemRow]:
    """Yield a row for each item of each checkpoint, with its transition against the base.

    Parameters
    ----------
    sides, profiles
        The series, base first, in the same order.
    is_redacted
        Whether prompts, options and right answers are left out.
    """
    base = {column.task.name: _values(column) for column in profiles[0].columns}
    for place, (side, profile) in enumerate(zip(sides, profiles, strict=True)):
        for column in profile.columns:
            before = base.get(column.task.name, {}) if place else {}
            rows = _column_rows(side, column, before)
            yield from map(_redacted, rows) if is_redacted else rows


def _column_rows(side: Side, column: Column, before: dict[str, float]) -> Iterator[ItemRow]:
    step = side.study.checkpoint(side.label).step
    held = side.answers()
    for start in range(0, len(column.item_ids), _CHUNK):
        ids = column.item_ids[start : start + _CHUNK]
        items, scores, answers = side.study.items(ids), held.scores(ids), held.by_item(ids)
        values, forms = (
            array_I[start : start + _CHUNK].tolist() for array_I in (column.value_I, column.form_I)
        )
        for item_id, value, form in zip(ids, values, forms, strict=True):
            # of several samples the text is that of the first, the value that of all
            score = replace(scores[item_id], value=value, form=_FORMS[form] if form >= 0 else None)
            row = _row(column.task, items[item_id], score, before.get(item_id))
            yield replace(row, checkpoint=side.name, step=step, **_told(answers.get(item_id, ())))


def _told(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return what the answers say beside their text."""
    logprobs = [answer.logprob for answer in answers if answer.logprob is not None]
    reasons = [answer.stop_reason for answer in answers if answer.stop_reason is not None]
    return {
        "logprobs": tuple(logprobs),
        "n_tokens": sum(answer.n_tokens for answer in answers) if answers else None,
        "stop_reason": reasons[0] if reasons else None,
    }


def _row(task: Task, item: Item, score: Score, before: float | None) -> ItemRow:
    transition = None if before is None else transition_of(before, score.value, task)
    is_lost = transition is Transition.LOST
    return ItemRow(
        checkpoint="",
        task=task.name,
        domain=task.domain,
        item_id=item.id,
        document_id=item.document_id,
        cluster=item.cluster,
        prompt_hash=item.prompt_hash,
        prompt=item.prompt,
        gold=item.gold,
        choices=item.choices,
        answer=score.answer,
        extracted=score.extracted,
        score=score.value,
        is_truncated=score.is_truncated,
        is_invalid=score.is_invalid,
        error=score.error,
        transition=transition,
        format_class=(
            score.form or classify(score, item, output_type=task.output_type) if is_lost else None
        ),
        form=score.form,
        n_generated=score.n_tokens,
        gold_bits=score.likelihood.gold_bits if score.likelihood else None,
        gold_share=score.likelihood.gold_share if score.likelihood else None,
    )


def _redacted(row: ItemRow) -> ItemRow:
    return replace(
        row,
        prompt="",
        choices=tuple(hidden_answer(choice, row.choices) for choice in row.choices),
        gold=hidden_gold(row.gold, row.choices),
        answer=hidden_answer(row.answer, row.choices),
    )


def _values(column: Column) -> dict[str, float]:
    values: list[float] = column.value_I.tolist()
    return dict(zip(column.item_ids, values, strict=True))
