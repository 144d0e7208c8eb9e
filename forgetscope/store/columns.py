"""Scores read as columns, so that a comparison works on arrays.

I items of one task, in the order of the task's documents; K samples of each; R stored scores, the
samples of an item one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Column, Evidence, FormatClass, OutputType, Task
from forgetscope.store.database import Database

__all__ = ["read_column"]

_FORMS = list(FormatClass)


def _code(form: FormatClass) -> int:
    return _FORMS.index(form)


_NAMED = " ".join(f"WHEN '{form.name}' THEN {_code(form)}" for form in _FORMS)

# a judge of edition 1 left flags only
_FORM = f"""
CASE WHEN scores.error IS NOT NULL THEN {_code(FormatClass.ERROR)}
     WHEN scores.edition > 1 THEN CASE scores.form {_NAMED} ELSE -1 END
     WHEN scores.value >= 1.0 THEN -1
     WHEN :is_written AND TRIM(scores.answer) = '' THEN {_code(FormatClass.ERROR)}
     WHEN scores.is_truncated THEN {_code(FormatClass.TRUNCATED)}
     WHEN scores.is_invalid THEN {_code(FormatClass.INVALID)}
     ELSE -1 END
"""

_QUERY = f"""
SELECT items.id, scores.prompt_hash, items.cluster, items.chance, scores.sample, scores.value,
       {_FORM},
       CASE WHEN :partner IS NOT NULL AND JSON_VALID(scores.others)
            THEN JSON_EXTRACT(scores.others, :partner) END,
       scores.n_tokens, scores.is_truncated, scores.gold_bits, scores.gold_bytes,
       scores.gold_share, scores.top_share, scores.brier, COALESCE(scores.choice, -1),
       COALESCE(scores.n_options, 0), scores.gold_label, scores.predicted_label
FROM items JOIN scores ON scores.item = items.id
WHERE items.task = :task AND scores.model = :model AND scores.engine = :engine
ORDER BY items.document_id, items.id, scores.sample
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Samples:
    """Which of R rows belong to which of I items."""

    first_I: NDArray[np.intp]
    """The row of sample 0 of each item."""
    item_R: NDArray[np.intp]
    sample_R: NDArray[np.int64]

    @classmethod
    def of(cls, id_R: NDArray[np.object_], sample_R: NDArray[np.int64]) -> _Samples:
        first_I = np.flatnonzero(sample_R == 0)
        item_R = np.cumsum(sample_R == 0) - 1
        # what has no sample 0 (it was never asked, or belongs to no run that came to its end) waits
        owned_R = (item_R >= 0) & (id_R == id_R[first_I][item_R]) if len(first_I) else item_R >= 0
        return cls(first_I=first_I, item_R=np.where(owned_R, item_R, -1), sample_R=sample_R)

    def spread(self, value_R: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values as items x samples; nan where there is no sample."""
        owned_R = self.item_R >= 0
        n_samples = int(self.sample_R[owned_R].max(initial=0)) + 1
        value_IK = np.full((len(self.first_I), n_samples), np.nan)
        value_IK[self.item_R[owned_R], self.sample_R[owned_R]] = value_R[owned_R]
        return value_IK


def read_column(database: Database, task: Task, *, model: str, engine: str) -> Column:
    """Read all scores of one model on one task; empty where it answered none.

    Where answers are drawn at random, an item's value, its partner reading and its tokens are the
    means of its samples, and its form is that of its first wrong one; else they are those of the
    first sample, and further samples are reruns. The partner reading stays as it is, in the
    direction of its own metric.
    """
    found = database.rows(
        _QUERY,
        {
            "is_written": task.output_type is OutputType.GENERATE,
            "partner": None if task.partner is None else f'$."{task.partner}"',
            "task": task.name,
            "model": model,
            "engine": engine,
        },
    )
    if not found:
        return _empty(task)
    rows = [_object_array(values) for values in zip(*found, strict=True)]
    samples = _Samples.of(rows[0], rows[4].astype(np.int64))
    first_I = samples.first_I
    names = [tuple(row[first_I].tolist()) for row in rows[:3]]
    number_RN = [row.astype(np.float64) for row in rows[5:]]
    form_R = number_RN[1].astype(np.int8)
    value_IK = _failures_as_zero(samples.spread(number_RN[0]), samples, task)
    is_drawn = task.is_sampled and value_IK.shape[1] > 1
    return Column(
        task=task,
        item_ids=names[0],
        prompt_hashes=names[1],
        clusters=names[2],
        chance_I=rows[3][first_I].astype(np.float64),
        value_I=_mean(value_IK) if is_drawn else value_IK[:, 0].copy(),
        form_I=_first_wrong(form_R, samples) if is_drawn else form_R[first_I],
        evidence=_evidence(number_RN[2:], samples, value_IK, is_drawn=is_drawn),
    )


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


def _object_array(values: tuple[Any, ...]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


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
    )
