"""Stories: items to be read, with both answers, as they lie in studies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forgetscope.api.embedding import Embedding, hidden_answer, hidden_item
from forgetscope.api.sides import Side
from forgetscope.diagnosis.form import classify
from forgetscope.diagnosis.options import option_shares
from forgetscope.records import (
    Change,
    Comparison,
    FormatClass,
    Item,
    OutputType,
    Profile,
    Score,
    Story,
    Task,
    Transition,
)
from forgetscope.store import Answers

__all__ = ["stories_of", "transition_of"]


def stories_of(
    comparison: Comparison,
    *,
    sides: Sequence[Side],
    profiles: Sequence[Profile],
    embedding: Embedding | None = None,
) -> tuple[Story, ...]:
    """Return the items of a comparison that a reader may open; by default those that changed.

    Parameters
    ----------
    comparison
        Of two of the sides.
    sides, profiles
        The whole series, base first, in the same order.
    embedding
        Which items, and which of their words.
    """
    wanted = embedding or Embedding()
    by_name = {side.name: side for side in sides}
    before, after = by_name[comparison.before], by_name[comparison.after]
    tasks = {task.name: task for task in before.study.tasks()}
    chosen = _chosen(comparison, profiles, tasks, wanted)
    ids = [change.item_id for change in chosen]
    items = before.study.items(ids)
    outcomes = _outcomes(profiles, set(ids))
    first, second = (_Given.of(side.answers(), chosen, items, tasks) for side in (before, after))
    stories = (
        _story(change, items[change.item_id], tasks[change.task], first, second, outcomes)
        for change in chosen
    )
    return tuple(map(_redacted, stories) if wanted.redact_prompts else stories)


def transition_of(before: float, after: float, task: Task) -> Transition:
    """Return what became of an item; a fractional score counts as solved from one half on."""
    change = (after - before) if task.higher_is_better else (before - after)
    if change < 0:
        return Transition.LOST
    if change > 0:
        return Transition.GAINED
    return Transition.RETAINED if after >= 0.5 else Transition.UNSOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What one side answered to the chosen items, by item id."""

    scores: Mapping[str, Sequence[Score]]
    """Of all samples, where answers are drawn at random."""
    shares: Mapping[str, tuple[float, ...]]
    """Probability of each option; multiple choice alone has some."""

    @classmethod
    def of(
        cls,
        answers: Answers,
        chosen: Sequence[Change],
        items: Mapping[str, Item],
        tasks: Mapping[str, Task],
    ) -> _Given:
        ids = [change.item_id for change in chosen]
        drawn = [change.item_id for change in chosen if tasks[change.task].is_sampled]
        picked = {
            change.item_id: tasks[change.task].metric
            for change in chosen
            if tasks[change.task].output_type is OutputType.MULTIPLE_CHOICE
        }
        given = answers.by_item(list(picked))
        return cls(
            scores=_samples(answers, ids, drawn),
            shares={
                item_id: option_shares(picked[item_id], items[item_id], each)
                for item_id, each in given.items()
            },
        )


def _chosen(
    comparison: Comparison,
    profiles: Sequence[Profile],
    tasks: Mapping[str, Task],
    wanted: Embedding,
) -> list[Change]:
    """Return what became of each item that is wanted."""
    if wanted.embed == "none":
        return []
    changes = list(comparison.changes)
    if wanted.embed == "lost":
        return [change for change in changes if change.transition is Transition.LOST]
    if wanted.embed == "all":
        compared = {cell.name for cell in comparison.tasks if cell.n}
        changes += _unchanged(comparison, profiles, [tasks[name] for name in sorted(compared)])
    return changes


def _unchanged(
    comparison: Comparison, profiles: Sequence[Profile], tasks: Sequence[Task]
) -> Iterator[Change]:
    changed = {change.item_id for change in comparison.changes}
    by_label = {profile.label: dict(_values(profile)) for profile in profiles}
    before, after = by_label[comparison.before], by_label[comparison.after]
    by_name = {column.task.name: column for column in profiles[0].columns}
    for task in tasks:
        for item_id in by_name[task.name].item_ids:
            if item_id in changed or item_id not in after or item_id not in before:
                continue
            turn = transition_of(before[item_id], after[item_id], task)
            yield Change(
                item_id=item_id, task=task.name, domain=task.domain, transition=turn, change=0.0
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
    before: _Given,
    after: _Given,
    outcomes: Mapping[str, tuple[float, ...]],
) -> Story:
    """Tell a change; of several samples by a good one of one side and a bad one of the other."""
    ranked = [
        sorted(side.scores[change.item_id], key=lambda score: _goodness(score, task))
        for side in (before, after)
    ]
    gained = change.transition is Transition.GAINED
    shown = (ranked[0][0], ranked[1][-1]) if gained else (ranked[0][-1], ranked[1][0])
    return Story(
        item=item,
        domain=change.domain,
        transition=change.transition,
        outcomes=outcomes[change.item_id],
        before=shown[0],
        after=shown[1],
        format_class=_failure(change, shown[0] if gained else shown[1], item, task),
        before_shares=before.shares.get(item.id, ()),
        after_shares=after.shares.get(item.id, ()),
    )


def _failure(change: Change, failed: Score, item: Item, task: Task) -> FormatClass | None:
    if change.transition is Transition.RETAINED:
        return None
    return failed.form or classify(failed, item, output_type=task.output_type)


def _redacted(story: Story) -> Story:
    item = story.item
    before, after = (
        replace(score, answer=hidden_answer(score.answer, item.choices))
        for score in (story.before, story.after)
    )
    return replace(story, item=hidden_item(item), before=before, after=after, is_redacted=True)


def _goodness(score: Score, task: Task) -> float:
    if np.isnan(score.value):
        return -np.inf
    return score.value if task.higher_is_better else -score.value


def _outcomes(profiles: Sequence[Profile], wanted: set[str]) -> dict[str, tuple[float, ...]]:
    """Return the score of each wanted item at each checkpoint; nan where there is none."""
    table = {item_id: [np.nan] * len(profiles) for item_id in wanted}
    rows: dict[str, tuple[tuple[str, ...], list[int]]] = {}
    for place, profile in enumerate(profiles):
        for column in profile.columns:
            ids, row_i = rows.get(column.task.name, ((), []))
            if ids != column.item_ids:  # as a rule all checkpoints answered the same items
                row_i = [row for row, item_id in enumerate(column.item_ids) if item_id in table]
                rows[column.task.name] = (column.item_ids, row_i)
            values: list[float] = column.value_I[row_i].tolist()
            for row, value in zip(row_i, values, strict=True):
                table[column.item_ids[row]][place] = value
    return {item_id: tuple(values) for item_id, values in table.items()}


def _values(profile: Profile) -> Iterator[tuple[str, float]]:
    for column in profile.columns:
        values: Iterable[float] = column.value_I.tolist()
        yield from zip(column.item_ids, values, strict=True)
