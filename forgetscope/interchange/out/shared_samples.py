"""The samples of Every Eval Ever: one row for each item of a task and sample of its answer."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from forgetscope.interchange.out.task_scores import TaskScore
from forgetscope.records import Answer, Item, OutputType, Score, Task
from forgetscope.store import Answers, Study

__all__ = ["Hide", "result_key", "sample_rows"]

_BATCH = 500  # items in memory at one time
Hide = Callable[[Item], Item]
"""Takes the data set's words out of an item."""


def result_key(task: Task) -> str:
    """Return what joins the rows of a task to its aggregate result."""
    return f"{task.name}:{task.metric},{task.filter}"


def sample_rows(
    study: Study, label: str, scores: Sequence[TaskScore], *, hide: Hide | None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of all tasks, without what is the same for all of them."""
    held = study.answers_of(label)
    for each in scores:
        yield from _of_task(study, held, each.task, hide)


def _of_task(
    study: Study, held: Answers, task: Task, hide: Hide | None
) -> Iterator[dict[str, Any]]:
    column = held.column(task)
    ids, evidence = column.item_ids, column.evidence
    documents = Counter(
        item.document_id for batch in _batches(ids) for item in study.items(batch).values()
    )
    n_samples = 1 if evidence is None else evidence.sample_IK.shape[1]
    for batch in _batches(ids):
        items = study.items(batch)
        for sample in range(n_samples):
            scores = held.scores(batch, sample=sample)
            answers = held.by_item(batch, sample=sample)
            for item_id in batch:
                if item_id not in scores:
                    continue
                item = items[item_id]
                is_named = documents[item.document_id] == 1
                row = _row(task, item, scores[item_id], answers.get(item_id, ()), hide)
                yield {"sample_id": str(item.document_id) if is_named else item.id, **row}


def _row(
    task: Task, item: Item, score: Score, given: Sequence[Answer], hide: Hide | None
) -> dict[str, Any]:
    shown = hide(item) if hide else item
    is_right = score.value == (1.0 if task.higher_is_better else 0.0)
    answer = _hidden(score.answer, item, shown)
    value = score.value if math.isfinite(score.value) else 0.0
    return {
        "evaluation_name": task.name,
        "evaluation_result_id": result_key(task),
        "interaction_type": "single_turn",
        "input": {
            "raw": shown.prompt,
            "formatted": shown.prompt,
            "reference": shown.gold.split(" | ") if shown.gold else [],
            **({"choices": list(shown.choices)} if shown.choices else {}),
        },
        "output": {"raw": [answer]},
        "answer_attribution": _attribution(task, score, answer),
        "evaluation": {"score": value, "is_correct": is_right, "num_turns": 1},
        **({"error": score.error} if score.error is not None else {}),
        "metadata": {key: text for key, text in _extra(task, item, score, given) if text},
    }


def _hidden(answer: str, item: Item, shown: Item) -> str:
    is_option = answer in item.choices and shown.choices
    return shown.choices[item.choices.index(answer)] if is_option else answer


def _attribution(task: Task, score: Score, answer: str) -> list[dict[str, Any]]:
    is_written = task.output_type is OutputType.GENERATE
    extracted = score.extracted if is_written else answer
    if extracted is None:
        return []
    method = task.filter if is_written else f"largest log-probability ({task.metric})"
    return [
        {
            "turn_idx": 0,
            "source": "output.raw",
            "extracted_value": extracted,
            "extraction_method": method,
            "is_terminal": True,
        }
    ]


def _extra(
    task: Task, item: Item, score: Score, given: Sequence[Answer]
) -> Iterator[tuple[str, str]]:
    """Yield what the format has no key for, each as text; empty where it is not known."""
    likelihood = score.likelihood
    logprobs = [answer.logprob for answer in given]
    reasons = [answer.stop_reason for answer in given if answer.stop_reason is not None]
    yield "item_id", item.id
    yield "document_id", str(item.document_id)
    yield "prompt_hash", item.prompt_hash
    yield "cluster", item.cluster
    yield "chance", "" if math.isnan(item.chance) else repr(item.chance)
    yield "requests", json.dumps([answer.request_id for answer in given]) if given else ""
    if given and all(logprob is not None for logprob in logprobs):
        yield (
            "logprobs",
            json.dumps([None if number == -math.inf else number for number in logprobs]),
        )
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        yield "gold_places", json.dumps(_gold_places(item) if likelihood else [])
    yield "gold_bytes", str(likelihood.gold_bytes) if likelihood else ""
    yield "n_tokens", "" if score.n_tokens is None else str(score.n_tokens)
    yield "stop_reason", str(reasons[0]) if reasons else ""
    yield "labels", json.dumps(score.labels) if score.labels else ""
    yield "is_unscored", "" if math.isfinite(score.value) else "true"
    others = {name: value for name, value in score.others.items() if math.isfinite(value)}
    yield "others", json.dumps(others) if others else ""


def _gold_places(item: Item) -> list[int]:
    # a text that stands twice among the options is right at both places
    golds = {item.gold, *item.gold.split(" | ")}
    return [place for place, choice in enumerate(item.choices) if choice in golds]


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
