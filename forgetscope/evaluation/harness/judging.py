"""Judge answers: lm-eval's filters and metrics, item by item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lm_eval.api.instance import Instance

from forgetscope.diagnosis.form import classify
from forgetscope.diagnosis.measured import metric_number, shown_answer
from forgetscope.evaluation.harness.built import Built
from forgetscope.evaluation.harness.likelihood import likelihood_of
from forgetscope.evaluation.harness.programs import code_eval
from forgetscope.records import (
    Aggregate,
    Answer,
    Item,
    OutputType,
    Request,
    Score,
    StopReason,
    Task,
)
from forgetscope.scoring import answer_in

__all__ = ["judge"]

_INVALID = "[invalid]"  # what lm-eval's regex filter returns where nothing matched


def judge(built: Built, answers: Mapping[str, Answer]) -> tuple[Score, ...]:
    """Score every item whose requests are all answered.

    A failed answer scores 0 and keeps its error; a filter or metric that fails on one item costs
    that item (its value is nan), not the run.

    Parameters
    ----------
    answers
        Answers by request id, all of one sample.
    """
    requests: dict[str, list[Request]] = {}
    for request in built.requests:
        requests.setdefault(request.item_id, []).append(request)
    complete = {
        item.id: [answers[request.id] for request in requests[item.id]]
        for item in built.items
        if all(request.id in answers for request in requests[item.id])
    }
    told = {
        item_id: [_told(r, a) for r, a in zip(requests[item_id], given, strict=True)]
        for item_id, given in complete.items()
        if all(answer.error is None for answer in given)
    }
    ended = {item_id: given for item_id, given in told.items() if _is_ended(given)}
    failed = _filter_each(built, ended)
    return tuple(
        _score(built, item, requests[item.id], complete[item.id], failed.get(item.id))
        for item in built.items
        if item.id in complete
    )


def _told(request: Request, answer: Answer) -> Any:  # noqa: ANN401  # lm-eval's responses differ
    """Return an answer in lm-eval's words, without its thoughts; `None` where those never end."""
    if answer.text is not None and request.decoding is not None:
        return answer_in(answer.text, request.decoding)
    return answer.logprob if answer.is_greedy is None else (answer.logprob, answer.is_greedy)


def _is_ended(told: Sequence[Any]) -> bool:
    return all(each is not None for each in told)


def _filter_each(built: Built, told: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """Run the filters; return what went wrong by item id."""
    try:
        _filter(built, told)
    except Exception:  # any task's own code may fail in any way: find out at which items
        failed = {}
        for item_id, given in told.items():
            try:
                _filter(built, {item_id: given})
            except Exception as error:
                failed[item_id] = f"the filter failed: {type(error).__name__}: {error}"
        return failed
    return {}


def _filter(built: Built, told: Mapping[str, Sequence[Any]]) -> None:
    """Hand the answers to lm-eval's requests and run its filters over them."""
    lm_task = built.loaded.lm_task
    chosen: list[Instance] = []
    for item_id, given in told.items():
        for instance, response in zip(built.instances[item_id], given, strict=True):
            instance.resps = [response] * int(instance.repeats or 1)
            instance.filtered_resps = {}
            chosen.append(instance)
    lm_task._instances = chosen
    if chosen:
        lm_task.apply_filters()


def _score(
    built: Built,
    item: Item,
    asked: Sequence[Request],
    given: Sequence[Answer],
    failed: str | None,
) -> Score:
    task = built.loaded.task
    is_written = task.output_type is OutputType.GENERATE
    score = Score(
        item_id=item.id,
        # the worst score; nan counts as that, too, where 0 is none
        value=0.0 if task.is_bounded and task.higher_is_better else math.nan,
        answer=_shown(task, item, asked, given),
        sample_index=given[0].sample_index,
        n_tokens=sum(answer.n_tokens for answer in given) if is_written else None,
        error=next((answer.error for answer in given if answer.error is not None), None),
    )
    told = [_told(request, answer) for request, answer in zip(asked, given, strict=True)]
    if failed is not None:
        score = replace(score, value=math.nan, error=failed)
    elif is_written and score.error is None and not _is_ended(told):
        score = _unfinished(task, score)
    elif score.error is None:
        try:
            code_eval.take_stopped()
            score = _measured(built, item, asked, given, score)
            if (stopped := code_eval.take_stopped()) is not None:
                score = replace(score, error=f"the program was stopped: {stopped}")
        except Exception as error:  # any task's own code may fail in any way
            message = f"the metric failed: {type(error).__name__}: {error}"
            score = replace(score, value=math.nan, error=message)
    is_right = score.error is None and score.value == (1.0 if task.higher_is_better else 0.0)
    if not is_written or is_right or not task.is_bounded:
        return score
    return replace(score, form=classify(score, item, output_type=task.output_type))


def _unfinished(task: Task, score: Score) -> Score:
    """Return the score of a thought that never ended: wrong, and cut off rather than answered.

    No metric is asked: of an answer that is not there some would think well.
    """
    worst = 0.0 if task.higher_is_better else 1.0
    return replace(score, value=worst if task.is_bounded else math.nan, is_truncated=True)


def _measured(
    built: Built, item: Item, asked: Sequence[Request], given: Sequence[Answer], score: Score
) -> Score:
    """Add what lm-eval's metrics, filters and log-probabilities say."""
    task, instances = built.loaded.task, built.instances[item.id]
    by_filter = _results(built, instances)
    metrics = {
        f"{metric},{name}": number
        for name, found in by_filter.items()
        for metric, value in found.items()
        if (number := metric_number(metric, value)) is not None
    }
    judged = by_filter.get(task.filter, {})
    primary, labels = f"{task.metric},{task.filter}", _labels(task, judged)
    value = metrics.pop(primary, math.nan)
    if labels is not None:
        value = float(labels[0] == labels[1])
    elif task.metric == "perplexity":
        value = -value  # lm-eval returns the log-probability, of which more is better
    extracted = None
    if task.output_type is OutputType.GENERATE:
        read = instances[0].filtered_resps.get(task.filter)
        extracted = read if isinstance(read, str) else repr(read)
    return replace(
        score,
        value=value,
        others=metrics,
        extracted=extracted,
        is_truncated=any(answer.stop_reason is StopReason.LENGTH for answer in given),
        is_invalid=extracted == _INVALID,
        likelihood=likelihood_of(built, item, asked, given, judged),
        labels=labels,
    )


def _results(built: Built, instances: Sequence[Instance]) -> dict[str, dict[str, Any]]:
    """Return what lm-eval's task makes of one item: by filter, then by metric."""
    lm_task = built.loaded.lm_task
    return {
        name: lm_task.process_results(
            instances[0].doc, [instance.filtered_resps[name] for instance in instances]
        )
        for name in instances[0].filtered_resps
    }


def _labels(task: Task, found: Mapping[str, Any]) -> tuple[float, float] | None:
    if task.aggregate is Aggregate.MEAN or task.metric not in found:
        return None
    gold, predicted = found[task.metric]
    return float(gold), float(predicted)


def _shown(task: Task, item: Item, asked: Sequence[Request], given: Sequence[Answer]) -> str:
    """Return what a person is shown as the answer: the thought where there is nothing else."""
    first = given[0]
    if first.text is not None:
        answer = _told(asked[0], first)
        is_cut = answer is None or first.stop_reason is StopReason.LENGTH
        if not is_cut or (answer or "").strip():
            first = replace(first, text=answer)
    return shown_answer(task, item, [first, *given[1:]])
