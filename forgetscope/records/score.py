"""Scores: what a task makes of the answers to one item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forgetscope.records.task import Task

__all__ = ["Column", "Profile", "Score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One item of one checkpoint, judged."""

    item_id: str
    value: float
    """Primary metric; 0 where the answer failed; nan where the metric itself failed."""
    others: Mapping[str, float] = field(default_factory=dict)
    """Further per-item numbers by `metric,filter`."""
    answer: str
    """What a person is shown: the generated text, or the option that was chosen."""
    extracted: str | None = None
    """What the primary filter read from a generated answer."""
    is_truncated: bool = False
    is_invalid: bool = False
    """No answer could be read from the text."""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """All scores of one checkpoint on one task (I items, in the order of `item_ids`)."""

    task: Task
    item_ids: tuple[str, ...]
    prompt_hashes: tuple[str, ...]
    clusters: tuple[str, ...]
    chance_I: NDArray[np.float64]
    """Score of a guesser per item, shares; nan where guessing has no meaning."""
    value_I: NDArray[np.float64]
    """Primary metric, in the task's own direction."""
    broken_I: NDArray[np.bool_]
    """Answers that are truncated, empty, unreadable or errors: the form failed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """The capability profile of one checkpoint: its columns, one per task."""

    label: str
    columns: tuple[Column, ...]
