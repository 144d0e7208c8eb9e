"""Pair the scores of two checkpoints, item by item.

Nothing is compared by row: an item pairs with the item of the same id. What cannot be compared is
refused with a reason, or is an error where the two runs contradict each other. I paired items.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.side import Side, form_code
from forgetscope.errors import PairingError
from forgetscope.records import Column, Evidence, FormatClass, OutputType, Task

__all__ = ["Pairs", "numbered", "pair", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Paired scores of one task, or of several pooled, turned so that higher is better."""

    tasks: tuple[Task, ...]
    task_I: NDArray[np.intp]
    """Place of each item's task among `tasks`."""
    item_ids: tuple[str, ...]
    clusters: tuple[str, ...]
    cluster_I: NDArray[np.intp]
    """The same as numbers from 0; an item without a cluster is one of its own."""
    before_I: NDArray[np.float64]
    after_I: NDArray[np.float64]
    chance_I: NDArray[np.float64]
    """Score of a guesser, turned likewise; nan where guessing has no meaning."""
    weight_I: NDArray[np.float64] | None = None
    """Weight of each item in the mean; `None` where all weigh the same."""
    weighting: str = "items"
    """What weighs the same: `items`, `bytes`, `tasks`, or `own` weights of the policy."""
    before_sides: tuple[Side, ...]
    after_sides: tuple[Side, ...]
    """One per task that is pooled here; put together only while they are looked at, since a series
    holds many pools at once."""
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

    @property
    def before(self) -> Side:
        """What the checkpoint before did."""
        return Side.joined(self.before_sides)

    @property
    def after(self) -> Side:
        """What the checkpoint after did."""
        return Side.joined(self.after_sides)

    def joined(self) -> Pairs:
        """Return the same pairs with their sides put together once and for all."""
        return replace(self, before_sides=(self.before,), after_sides=(self.after,))

    @property
    def is_generated_I(self) -> NDArray[np.bool_]:
        """Whether the answer was written by the model rather than chosen by likelihood."""
        kinds = np.array([task.output_type is OutputType.GENERATE for task in self.tasks])
        return kinds[self.task_I]

    def at(self, row_i: NDArray[np.intp]) -> Pairs:
        """Return some of the pairs, in their order."""
        clusters = _chosen(self.clusters, row_i)
        return replace(
            self,
            task_I=self.task_I[row_i],
            item_ids=_chosen(self.item_ids, row_i),
            clusters=clusters,
            cluster_I=numbered(clusters),
            before_I=self.before_I[row_i],
            after_I=self.after_I[row_i],
            chance_I=self.chance_I[row_i],
            weight_I=None if self.weight_I is None else self.weight_I[row_i],
            before_sides=(self.before.at(row_i),),
            after_sides=(self.after.at(row_i),),
        )


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
    rows = _matching_rows(before, after, labels)
    _check_prompts(before, after, rows=rows, labels=labels)
    n_missing = len(before.item_ids) + len(after.item_ids) - 2 * len(rows[0])
    raw_2I = np.stack([before.value_I[rows[0]], after.value_I[rows[1]]])
    failed_2I = ~np.isfinite(raw_2I)
    if not before.task.is_bounded:
        # nothing is the worst value of an unbounded metric, so a failure cannot be scored
        keep_I = ~failed_2I.any(axis=0)
        n_missing += int((~keep_I).sum())
        rows = rows[0][keep_I], rows[1][keep_I]
        raw_2I, failed_2I = raw_2I[:, keep_I], failed_2I[:, keep_I]
    elif np.any((raw_2I < 0) | (raw_2I > 1), where=~failed_2I):
        return refused(before.task, "scores lie outside [0, 1]")
    score_2I = _upwards(raw_2I, before.task)
    score_2I[failed_2I] = 0.0
    first, second = _side(before, rows[0], failed_2I[0]), _side(after, rows[1], failed_2I[1])
    weight_I = _bytes(before.task, first.evidence)
    clusters = _chosen(before.clusters, rows[0])
    return Pairs(
        tasks=(before.task,),
        task_I=np.zeros(len(rows[0]), dtype=np.intp),
        item_ids=_chosen(before.item_ids, rows[0]),
        clusters=clusters,
        cluster_I=numbered(clusters),
        before_I=score_2I[0],
        after_I=score_2I[1],
        chance_I=_upwards(before.chance_I[rows[0]], before.task),
        weight_I=weight_I,
        weighting="items" if weight_I is None else "bytes",
        before_sides=(first,),
        after_sides=(second,),
        n_missing=n_missing,
        n_failed=int(failed_2I.sum()),
    )


def refused(task: Task, reason: str) -> Pairs:
    """Return no pairs of a task, with the reason."""
    empty_I = np.zeros(0)
    nothing = Side(form_I=empty_I.astype(np.int8), evidence=Evidence.unknown(0))
    return Pairs(
        tasks=(task,),
        task_I=empty_I.astype(np.intp),
        item_ids=(),
        clusters=(),
        cluster_I=empty_I.astype(np.intp),
        before_I=empty_I,
        after_I=empty_I,
        chance_I=empty_I,
        before_sides=(nothing,),
        after_sides=(nothing,),
        n_missing=0,
        n_failed=0,
        refusal=reason,
    )


@lru_cache(maxsize=256)  # all checkpoints of a series share the clusters of their items
def numbered(clusters: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the clusters as numbers from 0, as they appear; an empty name is one of its own.

    The array is shared and read-only.
    """
    keys = [name or place for place, name in enumerate(clusters)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    number_I = np.fromiter(map(number.__getitem__, keys), dtype=np.intp, count=len(keys))
    number_I.flags.writeable = False
    return number_I


def _side(column: Column, row_i: NDArray[np.intp], failed_I: NDArray[np.bool_]) -> Side:
    form_I = column.form_I[row_i]
    form_I[failed_I] = form_code(FormatClass.ERROR)
    evidence = column.evidence
    if evidence is None:
        evidence = Evidence.unknown(len(row_i))
    elif not _is_whole(row_i, len(column.item_ids)):
        evidence = evidence.at(row_i)
    return Side(form_I=form_I, evidence=evidence)


def _is_whole(row_i: NDArray[np.intp], n: int) -> bool:
    return len(row_i) == n and np.array_equal(row_i, np.arange(n))


def _bytes(task: Task, evidence: Evidence) -> NDArray[np.float64] | None:
    """Return the bytes of whole texts: their bits per byte are a ratio of totals, not a mean."""
    bytes_I = evidence.gold_bytes_I
    if task.output_type is not OutputType.ROLLING or task.metric != "bits_per_byte":
        return None
    is_known = len(bytes_I) > 0 and bool(np.all(np.isfinite(bytes_I) & (bytes_I > 0)))
    return bytes_I if is_known else None


def _chosen(names: tuple[str, ...], row_i: NDArray[np.intp]) -> tuple[str, ...]:
    if _is_whole(row_i, len(names)):
        return names
    return tuple(names[i] for i in row_i.tolist())


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
    if rows[0] is rows[1] and before.prompt_hashes == after.prompt_hashes:
        return
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
