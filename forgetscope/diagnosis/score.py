"""The score of a row before and after, and the intervals of its change."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import Row
from forgetscope.diagnosis.watched import can_bet, evidence_of, watched_interval
from forgetscope.records import Aggregate
from forgetscope.statistics import (
    Interval,
    bootstrap_change,
    confusion_by_cluster,
    f1,
    matthews,
)

__all__ = ["Criterion", "Scored", "score_change", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """How sure a row's claims must be."""

    alpha: float
    """Error probability of each one-sided claim over the whole family."""
    alpha_each: float
    """The same of this row's claims alone, so that the family keeps alpha; see `family.levels`."""
    seed: int = 0
    """Of resampling, where a score is no mean, and of random permutations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a row scored, in the direction of its metric, and the change with better upwards."""

    before: float
    after: float
    change: float
    joint: Interval
    """Each end at the level of the row within its family."""
    alone: Interval
    """Each end at alpha."""
    p_value: float
    """Two-sided, of no change; nan where the score is no mean."""


def score_change(row: Row, criterion: Criterion) -> Scored:
    """Return the scores of both sides and the change, by the aggregate of the task."""
    if row.pairs.n == 0:
        nothing = Interval(low=math.nan, high=math.nan, alpha=criterion.alpha, method="none")
        return Scored(
            before=math.nan,
            after=math.nan,
            change=math.nan,
            joint=nothing,
            alone=nothing,
            p_value=math.nan,
        )
    if not row.is_mean:
        return _resampled(row.pairs, criterion)
    joint, alone, p_value = _claims(row, criterion)
    return Scored(
        before=shown(row.pairs.before_I, row.pairs),
        after=shown(row.pairs.after_I, row.pairs),
        change=row.change.change,
        joint=joint,
        alone=alone,
        p_value=p_value,
    )


def _claims(row: Row, criterion: Criterion) -> tuple[Interval, Interval, float]:
    """Return the intervals of a mean at both levels, and the p-value of no change."""
    change, look = row.change, row.look
    if look is not None and can_bet(row):
        evidence = evidence_of(row, look, alpha=criterion.alpha)
        joint, alone = (
            watched_interval(row, evidence, alpha=alpha)
            for alpha in (criterion.alpha_each, criterion.alpha)
        )
        p_value = evidence.p_value
        if not row.was_stopped:
            p_value = min(1.0, 2.0 * min(p_value, change.p_value))
        return joint, alone, p_value
    return change.interval(criterion.alpha_each), change.interval(criterion.alpha), change.p_value


def shown(score_I: NDArray[np.float64], pairs: Pairs) -> float:
    """Return the mean score in the direction of the metric, which pairing may have turned."""
    if len(score_I) == 0:
        return math.nan
    mean = float(np.average(score_I, weights=pairs.weight_I))
    if any(task.higher_is_better for task in pairs.tasks):
        return mean
    return 1.0 - mean if pairs.tasks[0].is_bounded else -mean


def _resampled(pairs: Pairs, criterion: Criterion) -> Scored:
    """Resample whole clusters, the same ones on both sides: the score is no mean of items.

    The ends at the level of the row within its family lie farther out than those at alpha by the
    ratio of the normal quantiles: to resample that far into the tails would take forever.
    """
    statistic = matthews if pairs.tasks[0].aggregate is Aggregate.MATTHEWS else f1
    gold_I, predicted_2I, n_classes = _classes(pairs)
    first_GKK, second_GKK = (
        confusion_by_cluster(gold_I, predicted_I, pairs.cluster_I, n_classes=n_classes)
        for predicted_I in predicted_2I
    )
    found = bootstrap_change(
        first_GKK, second_GKK, statistic, alpha=criterion.alpha, seed=criterion.seed
    )
    alone = found.interval
    farther = float(ndtri(criterion.alpha_each) / ndtri(criterion.alpha))
    joint = replace(
        alone,
        low=found.change - farther * (found.change - alone.low),
        high=found.change + farther * (alone.high - found.change),
        alpha=criterion.alpha_each,
    )
    return Scored(
        before=found.before,
        after=found.after,
        change=found.change,
        joint=joint,
        alone=alone,
        p_value=math.nan,
    )


def _classes(pairs: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Return gold and both predicted labels as numbers from 0, and how many labels there are.

    An answer without a label counts as a wrong one.
    """
    sides = (pairs.before.evidence, pairs.after.evidence)
    gold_I = np.where(np.isnan(sides[0].gold_label_I), sides[1].gold_label_I, sides[0].gold_label_I)
    predicted_2I = np.stack([side.predicted_label_I for side in sides])
    known = np.concatenate([gold_I, predicted_2I[np.isfinite(predicted_2I)]])
    labels = np.unique(known)
    n_classes = max(len(labels), 2)
    gold_I = np.searchsorted(labels, gold_I)
    place_2I = np.searchsorted(labels, np.nan_to_num(predicted_2I, nan=labels[0]))
    wrong_I = (gold_I + 1) % n_classes
    return gold_I, np.where(np.isfinite(predicted_2I), place_2I, wrong_I), n_classes
