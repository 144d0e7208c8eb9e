"""Scores read as columns, so that a comparison works on arrays.

I items of one task, in the order of the task's documents; K samples of each; R stored scores, the
samples of an item one after the other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Column, Evidence, FormatClass, OutputType, Task
from forgetscope.store.database import Database
from forgetscope.store.layout import Layout, TaskItems
from forgetscope.store.scores import Scores, form_code

__all__ = ["read_columns"]

_LARGEST = 1e30
"""No metric yields more; squares of numbers near the largest double are no numbers any more."""
_MOST_OPTIONS = 1e9
"""No item has more; a number that no whole one can hold is damage."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Samples:
    """Which of R rows belong to which of I items."""

    first_I: NDArray[np.intp]
    """The row of sample 0 of each item."""
    item_R: NDArray[np.intp]
    sample_R: NDArray[np.int64]

    @classmethod
    def of(cls, place_R: NDArray[np.intp], sample_R: NDArray[np.int64]) -> _Samples:
        first_I = np.flatnonzero(sample_R == 0)
        item_R = np.cumsum(sample_R == 0) - 1
        # what has no sample 0 (it was never asked, or belongs to no run that came to its end) waits
        owned_R = item_R >= 0
        if len(first_I):
            owned_R &= place_R == place_R[first_I][item_R]
        return cls(first_I=first_I, item_R=np.where(owned_R, item_R, -1), sample_R=sample_R)

    def spread(self, value_R: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values as items x samples; nan where there is no sample."""
        owned_R = self.item_R >= 0
        n_samples = int(self.sample_R[owned_R].max(initial=0)) + 1
        value_IK = np.full((len(self.first_I), n_samples), np.nan)
        value_IK[self.item_R[owned_R], self.sample_R[owned_R]] = value_R[owned_R]
        return value_IK


def read_columns(
    database: Database, layout: Layout, tasks: Sequence[Task], *, model: str, engine: str
) -> tuple[Column, ...]:
    """Read all scores of one model on some tasks; a column is empty where it answered none.

    Where answers are drawn at random, an item's value, its partner reading and its tokens are the
    means of its samples, and its form is that of its first wrong one; else they are those of the
    first sample, and further samples are reruns. The partner reading stays as it is, in the
    direction of its own metric.
    """
    scores = Scores.read(database, layout, model=model, engine=engine)
    return tuple(
        _column(scores.of(layout.tasks[task.name]), layout.tasks[task.name], task)
        if task.name in layout.tasks
        else _empty(task)
        for task in tasks
    )


def _column(scores: Scores, items: TaskItems, task: Task) -> Column:
    samples = _Samples.of(scores.place_R, scores.sample_R)
    first_I = samples.first_I
    place_I = scores.place_R[first_I]
    value_R, form_R, *number_RN = scores.number_RN
    if task.output_type is OutputType.GENERATE:
        form_R = np.where(scores.is_blank_R, form_code(FormatClass.ERROR), form_R)
    code_R = form_R.astype(np.int8)
    _check_sizes(score=value_R)
    _check_shares(chance=items.chance_I)
    value_IK = _failures_as_zero(samples.spread(value_R), samples, task)
    is_drawn = task.is_sampled and value_IK.shape[1] > 1
    return Column(
        task=task,
        item_ids=_named(items.ids, place_I),
        prompt_hashes=_hashes(scores.hash_R[first_I], items, place_I),
        clusters=_named(items.clusters, place_I),
        chance_I=items.chance_I[place_I],
        value_I=_mean(value_IK) if is_drawn else value_IK[:, 0].copy(),
        form_I=_first_wrong(code_R, samples) if is_drawn else code_R[first_I],
        evidence=_evidence(
            [_partner(scores.others_R, task), *number_RN], samples, value_IK, is_drawn=is_drawn
        ),
    )


def _named(names: tuple[str, ...], place_I: NDArray[np.intp]) -> tuple[str, ...]:
    """Return the names at some places: the very names where it is all of them."""
    if len(place_I) == len(names):
        return names
    return tuple(names[place] for place in place_I.tolist())


def _hashes(
    hash_I: NDArray[np.object_], items: TaskItems, place_I: NDArray[np.intp]
) -> tuple[str, ...]:
    """Return the hashes of the prompts that were answered: those of the items, as a rule."""
    usual, found = _named(items.prompt_hashes, place_I), tuple(hash_I.tolist())
    return usual if usual == found else found


def _partner(others_R: NDArray[np.object_], task: Task) -> NDArray[np.float64]:
    partner = task.partner
    if partner is None:
        return np.full(len(others_R), np.nan)
    readings = [None if text is None else _read(text).get(partner) for text in others_R.tolist()]
    return np.array(readings, dtype=np.float64)


def _read(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text, parse_constant=_refused)
    except ValueError:
        return {}
    return found


def _refused(name: str) -> float:
    raise ValueError(f"JSON knows no {name}")


def _empty(task: Task) -> Column:
    nothing_I = np.empty(0)
    return Column(
        task=task,
        item_ids=(),
        prompt_hashes=(),
        clusters=(),
        chance_I=nothing_I,
        value_I=nothing_I,
        form_I=np.empty(0, dtype=np.int8),
        evidence=Evidence.unknown(0),
    )


def _failures_as_zero(
    value_IK: NDArray[np.float64], samples: _Samples, task: Task
) -> NDArray[np.float64]:
    """Count a failed metric as 0 beside samples that did not fail; alone it stays nan."""
    if value_IK.shape[1] == 1 or not task.is_bounded:
        return value_IK
    is_there_IK = np.isfinite(samples.spread(np.ones(len(samples.item_R))))
    is_failed_IK = is_there_IK & np.isnan(value_IK)
    is_partly_I1 = np.isfinite(value_IK).any(axis=1, keepdims=True)
    return np.where(is_failed_IK & is_partly_I1, 0.0, value_IK)


def _mean(value_IK: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the samples that are there; nan where there is none."""
    is_there_IK = ~np.isnan(value_IK)
    n_I = is_there_IK.sum(axis=1)
    total_I = np.where(is_there_IK, value_IK, 0.0).sum(axis=1)
    mean_I: NDArray[np.float64] = np.where(n_I > 0, total_I, np.nan) / np.maximum(n_I, 1)
    return mean_I


def _first_wrong(form_R: NDArray[np.int8], samples: _Samples) -> NDArray[np.int8]:
    wrong_R = np.flatnonzero((form_R >= 0) & (samples.item_R >= 0))
    item_W, place_W = np.unique(samples.item_R[wrong_R], return_index=True)
    form_I = np.full(len(samples.first_I), -1, dtype=np.int8)
    form_I[item_W] = form_R[wrong_R[place_W]]
    return form_I


def _check_sizes(**number_R: NDArray[np.float64]) -> None:
    """Raise `ValueError` if a number is larger than any that was ever computed."""
    for name, values in number_R.items():
        if np.any(np.abs(values) > _LARGEST):
            raise ValueError(f"a {name} beyond {_LARGEST:g}")


def _check_shares(**share_I: NDArray[np.float64]) -> None:
    """Raise `ValueError` if what was stored as a share is none; nan is where there was none."""
    for name, values in share_I.items():
        if np.any((values < 0.0) | (values > 1.0)):
            raise ValueError(f"a {name} outside 0 to 1")


def _check_counts(**count_I: NDArray[np.float64]) -> None:
    """Raise `ValueError` if what was stored as a place or a count is neither; -1 is no place."""
    for name, values in count_I.items():
        is_one_I = (values >= -1) & (values <= _MOST_OPTIONS) & (values == np.floor(values))
        if not is_one_I.all():
            raise ValueError(f"a {name} that counts nothing")


def _evidence(
    number_RN: list[NDArray[np.float64]],
    samples: _Samples,
    value_IK: NDArray[np.float64],
    *,
    is_drawn: bool,
) -> Evidence:
    first_I = samples.first_I
    partner_R, tokens_R, *own_RN = number_RN
    truncated_I, *own_IN = (number_R[first_I] for number_R in own_RN)
    gold_bits, gold_bytes, gold_share, top_share, brier, choice, n_options, gold, predicted = own_IN
    _, gold_bits_R, *_ = own_RN
    # the Brier score of a distribution is at most 2
    _check_shares(gold_share=gold_share, top_share=top_share, half_brier=brier / 2)
    # a gold text may be impossible
    _check_sizes(n_tokens=tokens_R, gold_bits=gold_bits[np.isfinite(gold_bits)])
    _check_counts(choice=choice, n_options=n_options)
    if np.any(np.isfinite(brier) & np.isnan(top_share)):
        raise ValueError("a brier score without the share of the chosen option")
    return Evidence(
        partner_I=_mean(samples.spread(partner_R)) if is_drawn else partner_R[first_I],
        tokens_I=_mean(samples.spread(tokens_R)) if is_drawn else tokens_R[first_I],
        truncated_I=truncated_I.astype(np.bool_),
        gold_bits_I=gold_bits,
        gold_bytes_I=gold_bytes,
        gold_share_I=gold_share,
        top_share_I=top_share,
        brier_I=brier,
        choice_I=choice.astype(np.int64),
        n_options_I=n_options.astype(np.int64),
        gold_label_I=gold,
        predicted_label_I=predicted,
        sample_IK=value_IK,
        rerun_nats_I=np.full(len(first_I), np.nan)
        if is_drawn or value_IK.shape[1] == 1
        else _moved_nats(samples.spread(gold_bits_R), gold_bytes),
    )


def _moved_nats(bits_IK: NDArray[np.float64], bytes_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the first rerun moved the log-probability of the gold text of each item."""
    with np.errstate(invalid="ignore"):  # what was impossible both times moved by nobody knows
        moved_I: NDArray[np.float64] = np.abs(bits_IK[:, 1] - bits_IK[:, 0]) * bytes_I
    return moved_I * math.log(2.0)
