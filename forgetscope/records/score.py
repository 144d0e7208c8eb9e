"""Scores: what a task makes of the answers to one item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forgetscope.records.evidence import Evidence, Likelihood
from forgetscope.records.look import Look
from forgetscope.records.probe import ProbeResult
from forgetscope.records.task import Task
from forgetscope.records.verdict import FormatClass

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
    sample_index: int = 0
    form: FormatClass | None = None
    """Why a generated answer counts as wrong; `None` where it is right or was not generated."""
    n_tokens: int | None = None
    """Generated tokens; `None` where nothing is generated."""
    likelihood: Likelihood | None = None
    """`None` where no likelihood of the gold text is known."""
    labels: tuple[float, float] | None = None
    """Gold and predicted label, for metrics that are no means of items."""


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
    form_I: NDArray[np.int8]
    """Why an answer counts as wrong: its place among the members of `FormatClass`; -1 where it is
    right or was not generated."""
    evidence: Evidence | None = None
    """What else is known of each answer; `None` where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """The capability profile of one checkpoint: its columns, one per task."""

    label: str
    columns: tuple[Column, ...]
    step: int | None = None
    """Training step, where it is known."""
    probes: tuple[ProbeResult, ...] = ()
    """What items scored when they were asked again in other words; empty where none was."""
    looks: tuple[Look, ...] = ()
    """How far each domain was asked, where its evidence was watched meanwhile."""
