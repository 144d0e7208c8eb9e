"""Records to rows and back."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from forgetscope.records import (
    Aggregate,
    Answer,
    Checkpoint,
    CheckpointKind,
    FormatClass,
    Item,
    Likelihood,
    OutputType,
    Purpose,
    Role,
    Score,
    StopReason,
    Task,
)
from forgetscope.store.schema import JUDGE_EDITION

__all__ = [
    "SCORE_COLUMNS",
    "answer_of",
    "answer_row",
    "checkpoint_of",
    "checkpoint_row",
    "item_of",
    "item_row",
    "score_of",
    "score_row",
    "storable",
    "task_of",
    "task_row",
]

Row = tuple[Any, ...]

SCORE_COLUMNS = (
    "item, sample, value, others, answer, extracted, is_truncated, is_invalid, error, form, "
    "n_tokens, gold_bits, gold_bytes, gold_share, top_share, brier, choice, n_options, "
    "gold_label, predicted_label"
)
"""What `score_of` reads, in order."""


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def storable(value: str) -> str:
    """Escape lone surrogates, which UTF-8 and so the database cannot hold."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _optional_text(value: str | None) -> str | None:
    return None if value is None else storable(value)


def task_row(task: Task) -> str:
    """Return a task as JSON; a nan becomes null."""
    record = dataclasses.asdict(task)
    record["chance"] = None if math.isnan(task.chance) else task.chance
    # it came later: what most tasks are is not written
    if task.purpose is Purpose.DEV:
        del record["purpose"]
    return json.dumps(record, sort_keys=True)


def task_of(record: str) -> Task:
    """Return the task that `task_row` wrote."""
    fields = json.loads(record)
    fields["chance"] = _number(fields["chance"])
    fields["role"] = Role(fields["role"])
    fields["output_type"] = OutputType(fields["output_type"])
    fields["purpose"] = Purpose(fields.get("purpose", Purpose.DEV))
    fields["aggregate"] = Aggregate(fields.get("aggregate", Aggregate.MEAN))
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
        storable(item.prompt),
        item.prompt_hash,
        storable(item.gold),
        # JSON would join two lone surrogates into one character
        json.dumps([storable(choice) for choice in item.choices]),
        None if math.isnan(item.chance) else item.chance,
        storable(item.cluster),
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
    # JSON knows no numbers that are not finite
    others = {name: v if math.isfinite(v) else None for name, v in score.others.items()}
    return (
        score.value,
        json.dumps(others, sort_keys=True),
        storable(score.answer),
        _optional_text(score.extracted),
        score.is_truncated,
        score.is_invalid,
        _optional_text(score.error),
        JUDGE_EDITION,
        None if score.form is None else score.form.name,
        score.n_tokens,
        *_likelihood_row(score.likelihood),
        *(score.labels or (None, None)),
    )


def _likelihood_row(likelihood: Likelihood | None) -> Row:
    if likelihood is None:
        return (None,) * 7
    return (
        likelihood.gold_bits,
        likelihood.gold_bytes,
        likelihood.gold_share,
        likelihood.top_share,
        likelihood.brier,
        likelihood.choice,
        likelihood.n_options,
    )


def score_of(row: Row) -> Score:
    """Return the score of a row of `SCORE_COLUMNS`."""
    item, sample, value, others, answer, extracted, is_truncated, is_invalid, error = row[:9]
    form, n_tokens = row[9:11]
    return Score(
        item_id=item,
        sample_index=sample,
        value=_number(value),
        others={name: _number(v) for name, v in json.loads(others).items()},
        answer=answer,
        extracted=extracted,
        is_truncated=bool(is_truncated),
        is_invalid=bool(is_invalid),
        error=error,
        form=None if form is None else FormatClass[form],
        n_tokens=n_tokens,
        likelihood=_likelihood_of(row[11:18]),
        labels=None if row[18] is None else (row[18], row[19]),
    )


def _likelihood_of(row: Row) -> Likelihood | None:
    gold_bits, gold_bytes, gold_share, top_share, brier, choice, n_options = row
    if gold_bytes is None:
        return None
    return Likelihood(
        gold_bits=_number(gold_bits),
        gold_bytes=gold_bytes,
        gold_share=_number(gold_share),
        top_share=_number(top_share),
        brier=_number(brier),
        choice=choice,
        n_options=n_options,
    )
