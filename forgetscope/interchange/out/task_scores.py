"""The scores of one checkpoint alone, one for each task. I items."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forgetscope.diagnosis import diagnose
from forgetscope.diagnosis.pair import numbered
from forgetscope.records import Aggregate, Column, Profile, Task
from forgetscope.statistics import clustered_mean

__all__ = ["TaskScore", "task_scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScore:
    """What a checkpoint scored on a task, in the direction of its metric."""

    task: Task
    score: float
    """Over all its items; a failed one counts 0 where scores are shares."""
    standard_error: float
    """Cluster-robust; nan where the score is no plain mean, or there are too few clusters."""
    n: int
    """Items."""
    is_binary: bool
    """Whether every item scored 0 or 1."""


def task_scores(profile: Profile) -> tuple[TaskScore, ...]:
    """Return the score of each task of a profile, in its order."""
    if not profile.columns:
        return ()
    cells = diagnose([profile]).profile[-len(profile.columns) :]
    scores = {cell.name: cell.before for cell in cells}
    return tuple(
        TaskScore(
            task=column.task,
            score=scores[column.task.name],
            standard_error=_standard_error(column),
            n=len(column.item_ids),
            is_binary=bool(np.isin(column.value_I[np.isfinite(column.value_I)], (0.0, 1.0)).all()),
        )
        for column in profile.columns
    )


def _standard_error(column: Column) -> float:
    task = column.task
    is_mean = task.aggregate is Aggregate.MEAN and task.metric != "bits_per_byte"
    if not is_mean or not (task.is_bounded or np.isfinite(column.value_I).all()):
        return math.nan
    value_I = np.where(np.isfinite(column.value_I), column.value_I, 0.0)
    clusters = tuple(
        name or item for name, item in zip(column.clusters, column.item_ids, strict=True)
    )
    return clustered_mean(value_I, numbered(clusters)).standard_error
