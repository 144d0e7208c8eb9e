"""The score of a row before and after, and the intervals of its change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import Row
from forgetscope.statistics import Interval

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


def score_change(row: Row, criterion: Criterion) -> Scored:
    """Return the scores of both sides and the change, by the aggregate of the task."""
    if row.pairs.n == 0:
        nothing = Interval(low=math.nan, high=math.nan, alpha=criterion.alpha, method="none")
        return Scored(
            before=math.nan, after=math.nan, change=math.nan, joint=nothing, alone=nothing
        )
    return Scored(
        before=shown(row.pairs.before_I, row.pairs),
        after=shown(row.pairs.after_I, row.pairs),
        change=row.change.change,
        joint=row.change.interval(criterion.alpha_each),
        alone=row.change.interval(criterion.alpha),
    )


def shown(score_I: NDArray[np.float64], pairs: Pairs) -> float:
    """Return the mean score in the direction of the metric, which pairing may have turned."""
    if len(score_I) == 0:
        return math.nan
    mean = float(np.average(score_I, weights=pairs.weight_I))
    if any(task.higher_is_better for task in pairs.tasks):
        return mean
    return 1.0 - mean if pairs.tasks[0].is_bounded else -mean
