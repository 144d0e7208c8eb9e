"""What one metric says of one item, read from what lm-eval's tasks return. N options."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from forgetscope.diagnosis.options import option_marks, softmax
from forgetscope.records import Answer, Item, Likelihood, OutputType, Task

__all__ = ["likelihood_of_options", "likelihood_of_text", "metric_number", "shown_answer"]


def metric_number(metric: str, value: object) -> float | None:
    """Return a metric's number for one item; `None` where it is none.

    >>> metric_number("acc", True), metric_number("f1", [1, 0])
    (1.0, None)
    """
    if metric == "bits_per_byte" and isinstance(value, tuple | list):
        logprob, n_bytes = value
        return -float(logprob) / (math.log(2) * n_bytes) if n_bytes else math.nan
    if isinstance(value, str | bytes | list | tuple | dict) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # numpy and Python numbers alike
    except (TypeError, ValueError):
        return None


def shown_answer(task: Task, item: Item, given: Sequence[Answer]) -> str:
    """Return what a person is shown as the answer."""
    if any(answer.error is not None for answer in given):
        return ""
    if given[0].text is not None:
        return given[0].text
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        return item.choices[int(option_marks(task.metric, item, given).argmax())]
    logprob = math.nan if given[0].logprob is None else given[0].logprob
    if given[0].is_greedy is None:
        return f"log-probability {logprob:.2f} nats"
    likely = "is" if given[0].is_greedy else "is not"
    return f"the gold text {likely} the most likely one (log-probability {logprob:.2f} nats)"


def likelihood_of_options(
    metric: str, item: Item, given: Sequence[Answer], *, golds: Sequence[int], n_bytes_N: list[int]
) -> Likelihood | None:
    """Return what the log-probabilities of options tell; `None` where no gold option is known.

    Where several options are right, their probabilities count together, and the bits are those of
    the likeliest of them.

    Parameters
    ----------
    metric
        Of the task; it says how the log-probabilities are normalised.
    item, given
        An item and the answers to all its requests, in order.
    golds
        Places of the right options.
    n_bytes_N
        Bytes of the text whose log-probability each request asks.
    """
    if not golds:
        return None
    mark_N = option_marks(metric, item, given)
    share_N = softmax(mark_N)
    gold = max(golds, key=lambda place: _logprob(given[place]))
    gold_share = float(share_N[list(golds)].sum())
    others_N = np.delete(share_N, list(golds))
    return Likelihood(
        gold_bits=_bits(_logprob(given[gold]), n_bytes_N[gold]),
        gold_bytes=n_bytes_N[gold],
        gold_share=gold_share,
        top_share=float(share_N.max()),
        brier=(1.0 - gold_share) ** 2 + float((others_N**2).sum()),
        choice=int(mark_N.argmax()),
        n_options=len(mark_N),
    )


def likelihood_of_text(answer: Answer, *, n_bytes: int) -> Likelihood:
    """Return what the log-probability of one text tells, which has no options."""
    return Likelihood(
        gold_bits=_bits(_logprob(answer), n_bytes),
        gold_bytes=n_bytes,
        gold_share=math.nan,
        top_share=math.nan,
        brier=math.nan,
        choice=None,
        n_options=0,
    )


def _bits(logprob: float, n_bytes: int) -> float:
    # rounding can lift a sure text above probability 1
    return max(0.0 - logprob, 0.0) / (math.log(2) * n_bytes) if n_bytes else math.nan


def _logprob(answer: Answer) -> float:
    return math.nan if answer.logprob is None else answer.logprob
