"""Why items were lost: the form of the answer failed, or the answer itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.estimates import share_change
from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import Row, change_of
from forgetscope.diagnosis.score import Criterion
from forgetscope.diagnosis.side import Side, form_code
from forgetscope.diagnosis.verdict import decide
from forgetscope.records import Causes, Delivery, Estimate, FormatClass, Readings, Task
from forgetscope.statistics import NetChange, net_change

__all__ = ["causes", "readings"]

_UNREAD = (FormatClass.ERROR, FormatClass.INVALID)
_STRICT, _LENIENT = ("strict",), ("flexible", "loose", "lenient")


def causes(pairs: Pairs, *, alpha: float) -> Causes | None:
    """Return how the lost answers failed; `None` where no answer was generated."""
    written_I = pairs.is_generated_I
    if not written_I.any():
        return None
    lost_I = written_I & (pairs.after_I < pairs.before_I)
    form_I = np.where(pairs.after.form_I >= 0, pairs.after.form_I, form_code(FormatClass.DIFFERENT))
    counts = np.bincount(form_I[lost_I], minlength=len(FormatClass))
    before, after = pairs.before.evidence, pairs.after.evidence

    deliveries = (_delivery(pairs.before, written_I), _delivery(pairs.after, written_I))

    def change(first_I: NDArray[np.bool_], second_I: NDArray[np.bool_]) -> Estimate:
        return share_change(
            first_I[written_I], second_I[written_I], pairs.cluster_I[written_I], alpha=alpha
        )

    return Causes(
        by_class=tuple(zip(FormatClass, counts.tolist(), strict=True)),
        truncated=change(before.truncated_I, after.truncated_I),
        unparsed=change(_unread(pairs.before), _unread(pairs.after)),
        token_ratio=_ratio(*deliveries),
        finished_before=_finished_score(pairs.before_I, pairs.before, written_I),
        finished_after=_finished_score(pairs.after_I, pairs.after, written_I),
        delivery_before=deliveries[0],
        delivery_after=deliveries[1],
    )


def _delivery(side: Side, written_I: NDArray[np.bool_]) -> Delivery:
    return Delivery(
        n=int(written_I.sum()),
        truncated=float(side.evidence.truncated_I[written_I].mean()),
        unparsed=float(_unread(side)[written_I].mean()),
        median_tokens=_median(side.evidence.tokens_I[written_I]),
    )


def _ratio(before: Delivery, after: Delivery) -> float:
    is_known = before.median_tokens > 0 and after.median_tokens > 0
    return after.median_tokens / before.median_tokens if is_known else math.nan


def _unread(side: Side) -> NDArray[np.bool_]:
    return np.isin(side.form_I, [form_code(form) for form in _UNREAD])


def _median(token_I: NDArray[np.float64]) -> float:
    known_I = token_I[np.isfinite(token_I)]
    return float(np.median(known_I)) if len(known_I) else math.nan


def _finished_score(
    score_I: NDArray[np.float64], side: Side, written_I: NDArray[np.bool_]
) -> float:
    finished_I = written_I & ~side.evidence.truncated_I & ~_unread(side)
    return float(score_I[finished_I].mean()) if finished_I.any() else float("nan")


def readings(row: Row, criterion: Criterion) -> Readings | None:
    """Return the strict and the lenient reading of the same outputs, each with its verdict.

    `None` where no task has a second reading. Tasks of a domain without one count alike in both.
    """
    pairs = row.pairs
    if not row.makes_claims or not row.is_mean or not pairs.is_bounded:
        return None
    if not _has_partner(pairs).any():
        return None
    strict_2I, lenient_2I = _two_readings(pairs)
    strict, lenient = _change(pairs, strict_2I, criterion), _change(pairs, lenient_2I, criterion)
    form_I = (strict_2I[1] - lenient_2I[1]) - (strict_2I[0] - lenient_2I[0])
    form = net_change(
        np.zeros(pairs.n),
        form_I,
        pairs.cluster_I,
        is_bounded=False,
        seed=criterion.seed,
        weight_I=pairs.weight_I,
    )
    return Readings(
        strict=_estimate(strict, criterion),
        lenient=_estimate(lenient, criterion),
        form=_estimate(form, criterion),
        strict_verdict=decide(strict.interval(criterion.alpha_each), margin=row.margin),
        lenient_verdict=decide(lenient.interval(criterion.alpha_each), margin=row.margin),
    )


def _two_readings(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the scores of both sides by the strict reading, and by the lenient one."""
    primary_2I = np.stack([pairs.before_I, pairs.after_I])
    partner_2I = np.stack([pairs.before.evidence.partner_I, pairs.after.evidence.partner_I])
    partner_2I = np.where(_has_partner(pairs), partner_2I, primary_2I)
    is_strict_H = np.array(
        [
            _is_strict(task, primary_2I[:, pairs.task_I == h], partner_2I[:, pairs.task_I == h])
            for h, task in enumerate(pairs.tasks)
        ]
    )
    is_strict_I = is_strict_H[pairs.task_I]
    return (
        np.where(is_strict_I, primary_2I, partner_2I),
        np.where(is_strict_I, partner_2I, primary_2I),
    )


def _has_partner(pairs: Pairs) -> NDArray[np.bool_]:
    """Whether an item has a second reading, a share, on both sides."""
    partner_2I = np.stack([pairs.before.evidence.partner_I, pairs.after.evidence.partner_I])
    has_I: NDArray[np.bool_] = np.all((partner_2I >= 0.0) & (partner_2I <= 1.0), axis=0)
    return has_I


def _is_strict(task: Task, primary: NDArray[np.float64], partner: NDArray[np.float64]) -> bool:
    """Whether the primary reading of a task is the stricter one: by name, else by its scores."""
    own, other = f"{task.metric},{task.filter}", task.partner or ""
    if any(word in own for word in _STRICT) or any(word in other for word in _LENIENT):
        return True
    if any(word in own for word in _LENIENT) or any(word in other for word in _STRICT):
        return False
    return bool(primary.sum() <= partner.sum())


def _change(pairs: Pairs, score_2I: NDArray[np.float64], criterion: Criterion) -> NetChange:
    return change_of(replace(pairs, before_I=score_2I[0], after_I=score_2I[1]), seed=criterion.seed)


def _estimate(change: NetChange, criterion: Criterion) -> Estimate:
    interval = change.interval(criterion.alpha)
    return Estimate(
        value=change.change, low=interval.low, high=interval.high, p_value=change.p_value
    )
