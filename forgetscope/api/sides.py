"""Sides: checkpoints as they lie in studies, and what a reader wants to see of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forgetscope.diagnosis.form import classify
from forgetscope.records import (
    Change,
    Checkpoint,
    Comparison,
    Item,
    Profile,
    Score,
    Story,
    Task,
    Transition,
)
from forgetscope.store import Answers
from forgetscope.store import Study as StoredStudy

__all__ = ["Side", "stories_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One checkpoint of one study."""

    study: StoredStudy
    label: str
    """Its label in that study."""
    name: str
    """Its label in the comparison."""

    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint, under the name of the comparison."""
        return replace(self.study.checkpoint(self.label), label=self.name)

    def answers(self) -> Answers:
        """Return what it answered."""
        return self.study.answers_of(self.label)

    def profile(self) -> Profile:
        """Return its capability profile, under the name of the comparison."""
        return replace(self.study.profile(self.label), label=self.name)


def stories_of(
    comparison: Comparison, *, sides: Sequence[Side], profiles: Sequence[Profile]
) -> tuple[Story, ...]:
    """Return every changed item of a comparison, to be read.

    Parameters
    ----------
    comparison
        Of two of the sides.
    sides, profiles
        The whole series, base first, in the same order.
    """
    by_name = {side.name: side for side in sides}
    before, after = by_name[comparison.before], by_name[comparison.after]
    ids = [change.item_id for change in comparison.changes]
    items = before.study.items(ids)
    outcomes = _outcomes(profiles, set(ids))
    tasks = {task.name: task for task in before.study.tasks()}
    drawn = [change.item_id for change in comparison.changes if tasks[change.task].is_sampled]
    first, second = (_samples(side.answers(), ids, drawn) for side in (before, after))
    return tuple(
        _story(change, items[change.item_id], tasks[change.task], first, second, outcomes)
        for change in comparison.changes
    )


def _samples(
    answers: Answers, ids: Sequence[str], drawn: Sequence[str]
) -> dict[str, tuple[Score, ...]]:
    """Return the scores of each item: of all samples, where its answers are drawn at random."""
    found: dict[str, tuple[Score, ...]] = {
        item_id: (score,) for item_id, score in answers.scores(ids).items()
    }
    sample = 1
    while more := answers.scores(drawn, sample=sample):
        found |= {item_id: (*found[item_id], score) for item_id, score in more.items()}
        sample += 1
    return found


def _story(
    change: Change,
    item: Item,
    task: Task,
    before: Mapping[str, Sequence[Score]],
    after: Mapping[str, Sequence[Score]],
    outcomes: Mapping[str, tuple[float, ...]],
) -> Story:
    """Tell a change; of several samples by a good one of one side and a bad one of the other."""
    is_lost = change.transition is Transition.LOST
    first, second = before[change.item_id], after[change.item_id]
    ranked = [
        sorted(scores, key=lambda score: _goodness(score, task)) for scores in (first, second)
    ]
    shown = (ranked[0][-1], ranked[1][0]) if is_lost else (ranked[0][0], ranked[1][-1])
    failed = shown[1] if is_lost else shown[0]
    return Story(
        item=item,
        domain=change.domain,
        transition=change.transition,
        outcomes=outcomes[change.item_id],
        before=shown[0],
        after=shown[1],
        format_class=failed.form or classify(failed, item, output_type=task.output_type),
    )


def _goodness(score: Score, task: Task) -> float:
    if np.isnan(score.value):
        return -np.inf
    return score.value if task.higher_is_better else -score.value


def _outcomes(profiles: Sequence[Profile], wanted: set[str]) -> dict[str, tuple[float, ...]]:
    """Return the score of each wanted item at each checkpoint; nan where there is none."""
    table = {item_id: [np.nan] * len(profiles) for item_id in wanted}
    for place, profile in enumerate(profiles):
        for item_id, value in _values(profile):
            if item_id in table:
                table[item_id][place] = value
    return {item_id: tuple(values) for item_id, values in table.items()}


def _values(profile: Profile) -> Iterator[tuple[str, float]]:
    for column in profile.columns:
        values: Iterable[float] = column.value_I.tolist()
        yield from zip(column.item_ids, values, strict=True)
