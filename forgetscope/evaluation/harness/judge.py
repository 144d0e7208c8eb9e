"""Judge answers: lm-eval's filters and metrics, item by item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lm_eval.api.instance import Instance

from forgetscope.evaluation.harness.build import Built
from forgetscope.records import Answer, Item, OutputType, Request, Score, StopReason, Task

__all__ = ["judge"]

_INVALID = "[invalid]"  # what lm-eval's regex filter returns where nothing matched


def judge(built: Built, answers: Mapping[str, Answer]) -> tuple[Score, ...]:
    """Score every item whose requests are all answered.

    A failed answer scores 0 and keeps its error; a metric that fails on one item costs that item
    (its value is nan), not the run.

    Parameters
    ----------
    answers
        Answers by request id.
    """
    requests: dict[str, list[Request]] = {}
    for request in built.requests:
        requests.setdefault(request.item_id, []).append(request)
    complete = {
        item.id: [answers[request.id] for request in requests[item.id]]
        for item in built.items
        if all(request.id in answers for request in requests[item.id])
    }
    sound = [id_ for id_, given in complete.items() if all(a.error is None for a in given)]
    _filter(built, {item_id: complete[item_id] for item_id in sound})
    return tuple(
        _score(built, item, complete[item.id]) for item in built.items if item.id in complete
    )


def _filter(built: Built, complete: Mapping[str, Sequence[Answer]]) -> None:
    """Hand the answers to lm-eval's requests and run its filters over them."""
    lm_task = built.loaded.lm_task
    chosen: list[Instance] = []
    for item_id, given in complete.items():
        for instance, answer in zip(built.instances[item_id], given, strict=True):
            instance.resps = [_response(answer)] * int(instance.repeats or 1)
            instance.filtered_resps = {}
            chosen.append(instance)
    lm_task._instances = chosen
    if chosen:
        lm_task.apply_filters()


def _response(answer: Answer) -> Any:  # noqa: ANN401  # lm-eval's responses differ by request type
    if answer.text is not None:
        return answer.text
    return answer.logprob if answer.is_greedy is None else (answer.logprob, answer.is_greedy)


def _score(built: Built, item: Item, given: Sequence[Answer]) -> Score:
    task = built.loaded.task
    failed = next((answer.error for answer in given if answer.error is not None), None)
    shown = _shown(task, item, given)
    is_truncated = any(answer.stop_reason is StopReason.LENGTH for answer in given)
    if failed is not None:
        value = 0.0 if task.is_bounded else math.nan
        return Score(item_id=item.id, value=value, answer=shown, error=failed)
    instances = built.instances[item.id]
    try:
        metrics = _metrics(built, instances)
    except Exception as error:  # any task's own code may fail in any way
        message = f"the metric failed: {type(error).__name__}: {error}"
        return Score(item_id=item.id, value=math.nan, answer=shown, error=message)
    extracted = None
    if task.output_type is OutputType.GENERATE:
        read = instances[0].filtered_resps.get(task.filter)
        extracted = read if isinstance(read, str) else repr(read)
    primary = f"{task.metric},{task.filter}"
    return Score(
        item_id=item.id,
        value=metrics.pop(primary, math.nan),
        others=metrics,
        answer=shown,
        extracted=extracted,
        is_truncated=is_truncated,
        is_invalid=extracted == _INVALID,
    )


def _metrics(built: Built, instances: Sequence[Instance]) -> dict[str, float]:
    """Return every metric of one item that is one number, by `metric,filter`."""
    numbers: dict[str, float] = {}
    for name in instances[0].filtered_resps:
        results = [instance.filtered_resps[name] for instance in instances]
        found = built.loaded.lm_task.process_results(instances[0].doc, results)
        for metric, value in found.items():
            number = _number(metric, value)
            if number is not None:
                numbers[f"{metric},{name}"] = number
    return numbers


def _number(metric: str, value: object) -> float | None:
    if metric == "bits_per_byte" and isinstance(value, tuple):
        logprob, n_bytes = value
        return -float(logprob) / (math.log(2) * n_bytes) if n_bytes else math.nan
    if isinstance(value, str | bytes | list | tuple | dict) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # numpy and Python numbers alike
    except (TypeError, ValueError):
        return None


def _shown(task: Task, item: Item, given: Sequence[Answer]) -> str:
    """Return what a person is shown as the answer."""
    if any(answer.error is not None for answer in given):
        return ""
    if given[0].text is not None:
        return given[0].text
    logprobs = [answer.logprob for answer in given if answer.logprob is not None]
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        n_options = len(item.choices)
        lengths = [max(len(choice), 1) for choice in item.choices]
        is_normalised = task.metric == "acc_norm"
        marks = [
            logprob / length if is_normalised else logprob
            for logprob, length in zip(logprobs[:n_options], lengths, strict=True)
        ]
        return item.choices[max(range(n_options), key=marks.__getitem__)]
    if given[0].is_greedy is None:
        return f"log-probability {logprobs[0]:.2f} nats"
    likely = "is" if given[0].is_greedy else "is not"
    return f"the gold text {likely} the most likely one (log-probability {logprobs[0]:.2f} nats)"
