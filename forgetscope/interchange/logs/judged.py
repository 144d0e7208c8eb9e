"""Scores that another program gave, with all that its answers tell beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from forgetscope.diagnosis.form import classify
from forgetscope.diagnosis.measured import (
    likelihood_of_options,
    likelihood_of_text,
    shown_answer,
)
from forgetscope.diagnosis.options import option_marks
from forgetscope.records import (
    Answer,
    Item,
    Likelihood,
    OutputType,
    Request,
    Score,
    StopReason,
    Task,
)

__all__ = ["Judgement", "chosen_place", "judged"]

_INVALID = "[invalid]"  # what lm-eval's regex filter returns where nothing matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the log says of the answers to one item."""

    value: float
    """Primary metric; nan where there is none."""
    others: Mapping[str, float] = field(default_factory=dict)
    extracted: str | None = None
    golds: tuple[int, ...] = ()
    """Places of the right options; empty where they are not known."""
    n_bytes: int | None = None
    """Bytes of the right text that the log-probability is of; of an option, default: all of it."""
    labels: tuple[float, float] | None = None
    n_tokens: int | None = None
    sample_index: int = 0
    error: str | None = None


def judged(
    task: Task,
    item: Item,
    requests: Sequence[Request],
    given: Sequence[Answer],
    judgement: Judgement,
) -> Score:
    """Return the score of an item as the study keeps it."""
    error = judgement.error
    if error is None and math.isnan(judgement.value):
        error = "the log holds no number for it"
    is_written = task.output_type is OutputType.GENERATE
    score = Score(
        item_id=item.id,
        value=judgement.value,
        others=judgement.others,
        answer="" if not given else shown_answer(task, item, given),
        extracted=judgement.extracted if is_written else None,
        is_truncated=any(answer.stop_reason is StopReason.LENGTH for answer in given),
        is_invalid=judgement.extracted == _INVALID,
        error=error,
        sample_index=judgement.sample_index,
        n_tokens=judgement.n_tokens if is_written else None,
        likelihood=_likelihood(task, item, requests, given, judgement),
        labels=judgement.labels,
    )
    is_right = error is None and score.value == (1.0 if task.higher_is_better else 0.0)
    if not is_written or is_right or not task.is_bounded:
        return score
    return replace(score, form=classify(score, item, output_type=task.output_type))


def chosen_place(metric: str, item: Item, given: Sequence[Answer]) -> int | None:
    """Return the option that a metric of multiple choice takes; `None` where it is not known."""
    if not item.choices or len(given) < len(item.choices):
        return None
    return int(option_marks(metric, item, given).argmax())


def _likelihood(
    task: Task,
    item: Item,
    requests: Sequence[Request],
    given: Sequence[Answer],
    judgement: Judgement,
) -> Likelihood | None:
    if not given or any(answer.logprob is None for answer in given):
        return None
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        n_bytes_N = [
            judgement.n_bytes or len(request.continuation.encode(errors="replace"))
            for request in requests
        ]
        golds = [place for place in judgement.golds if 0 <= place < len(item.choices)]
        return likelihood_of_options(task.metric, item, given, golds=golds, n_bytes_N=n_bytes_N)
    if judgement.n_bytes is None or len(given) > 1:
        return None
    return likelihood_of_text(given[0], n_bytes=judgement.n_bytes)
