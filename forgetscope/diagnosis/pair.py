"""Pair the scores of two checkpoints, item by item.

Nothing is compared by row: an item pairs with the item of the same id. What cannot be compared is
refused with a reason, or is an error where the two runs contradict each other. I paired items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.errors import PairingError
from forgetscope.records import Column, FormatClass, Task

__all__ = ["Pairs", "pair", "pool", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Paired scores of one task, or of several pooled, turned so that higher is better."""

    tasks: tuple[Task, ...]
    item_ids: tuple[str, ...]
    clusters: tuple[str, ...]
    cluster_I: NDArray[np.intp]
    """The same as numbers from 0; an item without a cluster is one of its own."""
    before_I: NDArray[np.float64]
    after_I: NDArray[np.float64]
    chance_I: NDArray[np.float64]
    """Score of a guesser, turned likewise; nan where guessing has no meaning."""
    broken_I: NDArray[np.bool_]
    """Whether the form of the AFTER answer failed."""
    n_missing: int
    """Items that only one side has, or whose unbounded score is not finite."""
    n_failed: int
    """Bounded scores that are not finite and count 0, both sides together."""
    refusal: str = ""
    """Why these cannot be compared; empty otherwise."""

    @property
    def n(self) -> int:
        """Paired items."""
        return len(self.item_ids)

    @property
    def is_bounded(self) -> bool:
        """Whether every score lies in [0, 1]."""
        return all(task.is_bounded for task in self.tasks)


def pair(before: Column, after: Column, *, labels: tuple[str, str]) -> Pairs:
    """Pair two columns of one task by item id.

    Parameters
    ----------
    before, after
        Scores of the two checkpoints.
    labels
        Their names, for messages.

    Raises
    ------
    PairingError
        If a side lists an item twice, or the same items were asked in different words although
        the task says that it is the same.
    """
    different = _difference_of_tasks(before.task, after.task)
    if different:
        return refused(before.task, f"the two runs differ in {different}")
    before_i, after_i = _matching_rows(before, after, labels)
    _check_prompts(before, after, rows=(before_i, after_i), labels=labels)
    n_missing = len(before.item_ids) + len(after.item_ids) - 2 * len(before_i)
    raw_2I = np.stack([before.value_I[before_i], after.value_I[after_i]])
    failed_2I = ~np.isfinite(raw_2I)
    if not before.task.is_bounded:
        # nothing is the worst value of an unbounded metric, so a failure cannot be scored
        keep_I = ~failed_2I.any(axis=0)
        n_missing += int((~keep_I).sum())
        before_i, after_i = before_i[keep_I], after_i[keep_I]
        raw_2I, failed_2I = raw_2I[:, keep_I], failed_2I[:, keep_I]
    elif np.any((raw_2I < 0) | (raw_2I > 1), where=~failed_2I):
        return refused(before.task, "scores lie outside [0, 1]")
    score_2I = _upwards(raw_2I, before.task)
    score_2I[failed_2I] = 0.0
    clusters = tuple(before.clusters[i] for i in before_i.tolist())
    return Pairs(
        tasks=(before.task,),
        item_ids=tuple(before.item_ids[i] for i in before_i.tolist()),
        clusters=clusters,
        cluster_I=_numbered(clusters),
        before_I=score_2I[0],
        after_I=score_2I[1],
        chance_I=_upwards(before.chance_I[before_i], before.task),
        broken_I=_is_format(after.form_I[after_i]) | failed_2I[1],
        n_missing=n_missing,
        n_failed=int(failed_2I.sum()),
    )


def refused(task: Task, reason: str) -> Pairs:
    """Return no pairs of a task, with the reason."""
    empty_I = np.zeros(0)
    return Pairs(
        tasks=(task,),
        item_ids=(),
        clusters=(),
        cluster_I=empty_I.astype(np.intp),
        before_I=empty_I,
        after_I=empty_I,
        chance_I=empty_I,
        broken_I=empty_I.astype(bool),
        n_missing=0,
        n_failed=0,
        refusal=reason,
    )


def pool(parts: Sequence[Pairs]) -> Pairs:
    """Put the items of several tasks into one; refused tasks leave, unless all are refused."""
    usable = [part for part in parts if not part.refusal]
    if not usable:
        return replace(parts[0], tasks=tuple(task for part in parts for task in part.tasks))
    if len(usable) == 1:
        return usable[0]
    # numbered afresh: a source may serve several tasks
    clusters = tuple(name for part in usable for name in part.clusters)
    return Pairs(
        tasks=tuple(task for part in usable for task in part.tasks),
        item_ids=tuple(name for part in usable for name in part.item_ids),
        clusters=clusters,
        cluster_I=_numbered(clusters),
        before_I=np.concatenate([part.before_I for part in usable]),
        after_I=np.concatenate([part.after_I for part in usable]),
        chance_I=np.concatenate([part.chance_I for part in usable]),
        broken_I=np.concatenate([part.broken_I for part in usable]),
        n_missing=sum(part.n_missing for part in usable),
        n_failed=sum(part.n_failed for part in usable),
    )


def _is_format(form_I: NDArray[np.int8]) -> NDArray[np.bool_]:
    return np.isin(form_I, [i for i, form in enumerate(FormatClass) if form.is_format])


def _numbered(clusters: tuple[str, ...]) -> NDArray[np.intp]:
    keys = [name or place for place, name in enumerate(clusters)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], dtype=np.intp)


def _difference_of_tasks(before: Task, after: Task) -> str:
    if before.fingerprint == after.fingerprint:
        return ""
    named = {
        "version": (before.version, after.version),
        "few-shot examples": (before.n_shots, after.n_shots),
        "filter": (before.filter, after.filter),
        "metric": (before.metric, after.metric),
    }
    different = [f"{what} ({a} and {b})" for what, (a, b) in named.items() if a != b]
    return ", ".join(different) or "the settings of the task, such as its generation arguments"


def _upwards(value: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    if task.higher_is_better:
        return value.copy()
    return 1.0 - value if task.is_bounded else -value


def _matching_rows(
    before: Column, after: Column, labels: tuple[str, str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of both sides that hold the same item, in the order of the first."""
    for column, label in zip((before, after), labels, strict=True):
        if len(set(column.item_ids)) != len(column.item_ids):
            raise PairingError(f"`{label}` holds an item of {column.task.name} twice")
    if before.item_ids == after.item_ids:
        row_i = np.arange(len(before.item_ids), dtype=np.intp)
        return row_i, row_i
    place = {name: i for i, name in enumerate(after.item_ids)}
    found = [(i, place[name]) for i, name in enumerate(before.item_ids) if name in place]
    before_i, after_i = np.array(found, dtype=np.intp).reshape(-1, 2).T
    return before_i, after_i


def _check_prompts(
    before: Column,
    after: Column,
    *,
    rows: tuple[NDArray[np.intp], NDArray[np.intp]],
    labels: tuple[str, str],
) -> None:
    different = [
        before.item_ids[i]
        for i, j in zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        if before.prompt_hashes[i] != after.prompt_hashes[j]
    ]
    if different:
        raise PairingError(
            f"`{labels[0]}` and `{labels[1]}` disagree on {len(different):,} of {len(rows[0]):,} "
            f"prompts of {before.task.name} (first: item {different[0]})",
            hint="evaluate both with the same few-shot examples, chat template and tokenizer",
        )
