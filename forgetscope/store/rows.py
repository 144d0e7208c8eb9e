"""Records to rows and back."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from forgetscope.records import (
    Answer,
    Checkpoint,
    CheckpointKind,
    Item,
    OutputType,
    Role,
    Score,
    StopReason,
    Task,
)

__all__ = [
    "answer_of",
    "answer_row",
    "checkpoint_of",
    "checkpoint_row",
    "item_of",
    "item_row",
    "score_of",
    "score_row",
    "task_of",
    "task_row",
]

Row = tuple[Any, ...]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _text(value: str) -> str:
    """Replace lone surrogates, which UTF-8 and so the database cannot hold."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _optional_text(value: str | None) -> str | None:
    return None if value is None else _text(value)


def task_row(task: Task) -> str:
    """Return a task as JSON; a nan becomes null."""
    record = dataclasses.asdict(task)
    record["chance"] = None if math.isnan(task.chance) else task.chance
    return json.dumps(record, sort_keys=True)


def task_of(record: str) -> Task:
    """Return the task that `task_row` wrote."""
    fields = json.loads(record)
    fields["chance"] = _number(fields["chance"])
    fields["role"] = Role(fields["role"])
    fields["output_type"] = OutputType(fields["output_type"])
    return Task(**fields)


def checkpoint_row(checkpoint: Checkpoint) -> Row:
    """Return the columns label, source, kind, revision, step, fingerprint."""
    return (
        checkpoint.label,
        checkpoint.source,
        checkpoint.kind.value,
        checkpoint.revision,
        checkpoint.step,
        checkpoint.fingerprint,
    )


def checkpoint_of(row: Row) -> Checkpoint:
    """Return the checkpoint that `checkpoint_row` wrote."""
    label, source, kind, revision, step, fingerprint = row
    return Checkpoint(
        label=label,
        source=source,
        kind=CheckpointKind(kind),
        revision=revision,
        step=step,
        fingerprint=fingerprint,
    )


def item_row(item: Item) -> Row:
    """Return the columns of the items table in order."""
    return (
        item.id,
        item.task,
        item.document_id,
        _text(item.prompt),
        item.prompt_hash,
        _text(item.gold),
        json.dumps(item.choices),
        None if math.isnan(item.chance) else item.chance,
        _text(item.cluster),
    )


def item_of(row: Row) -> Item:
    """Return the item that `item_row` wrote."""
    identity, task, document_id, prompt, prompt_hash, gold, choices, chance, cluster = row
    return Item(
        id=identity,
        task=task,
        document_id=document_id,
        prompt=prompt,
        prompt_hash=prompt_hash,
        gold=gold,
        choices=tuple(json.loads(choices)),
        chance=_number(chance),
        cluster=cluster,
    )


def answer_row(answer: Answer) -> Row:
    """Return the columns of the answers table behind model and engine."""
    return (
        answer.request_id,
        answer.sample_index,
        answer.logprob,
        answer.is_greedy,
        _optional_text(answer.text),
        answer.n_tokens,
        answer.stop_reason,
        answer.n_truncated,
        _optional_text(answer.error),
    )


def answer_of(row: Row) -> Answer:
    """Return the answer that `answer_row` wrote."""
    request, sample, logprob, is_greedy, text, n_tokens, stop_reason, n_truncated, error = row
    return Answer(
        request_id=request,
        sample_index=sample,
        logprob=logprob,
        is_greedy=None if is_greedy is None else bool(is_greedy),
        text=text,
        n_tokens=n_tokens,
        stop_reason=None if stop_reason is None else StopReason(stop_reason),
        n_truncated=n_truncated,
        error=error,
    )


def score_row(score: Score) -> Row:
    """Return the columns of the scores table behind the prompt hash."""
    others = {name: None if math.isnan(v) else v for name, v in score.others.items()}
    return (
        None if math.isnan(score.value) else score.value,
        json.dumps(others, sort_keys=True),
        _text(score.answer),
        _optional_text(score.extracted),
        score.is_truncated,
        score.is_invalid,
        _optional_text(score.error),
    )


def score_of(row: Row) -> Score:
    """Return the score that `score_row` wrote."""
    item, value, others, answer, extracted, is_truncated, is_invalid, error = row
    return Score(
        item_id=item,
        value=_number(value),
        others={name: _number(v) for name, v in json.loads(others).items()},
        answer=answer,
        extracted=extracted,
        is_truncated=bool(is_truncated),
        is_invalid=bool(is_invalid),
        error=error,
    )
