"""Tasks: what is asked, and the one number that is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["UNBOUNDED_METRICS", "Aggregate", "OutputType", "Purpose", "Role", "Task"]

UNBOUNDED_METRICS = frozenset({"bits_per_byte", "byte_perplexity", "perplexity", "word_perplexity"})
"""Metrics of lm-eval that are no shares: they have a unit of their own, and so has their margin."""


class OutputType(StrEnum):
    """How a task questions a model; the words are lm-eval's."""

    MULTIPLE_CHOICE = "multiple_choice"
    LOGLIKELIHOOD = "loglikelihood"
    ROLLING = "loglikelihood_rolling"
    GENERATE = "generate_until"


class Aggregate(StrEnum):
    """How item scores become one number."""

    MEAN = "mean"
    """Their mean, weighted where the items weigh differently (bytes of a text)."""
    MATTHEWS = "matthews"
    """Matthews correlation of gold and predicted labels; not a mean of items."""
    F1 = "f1"
    """F1 of the positive label over all items; not a mean of items."""


class Role(StrEnum):
    """What a domain is to the training run."""

    TARGET = "target"
    """What was trained for: shown as gain, never judged as forgetting."""
    GENERAL = "general"
    """What could be lost: the gate's domains."""
    WATCH = "watch"
    """Shown and tested, not in the gate."""


class Purpose(StrEnum):
    """What a task is looked at for while recipes are compared."""

    DEV = "dev"
    """Recipes may be chosen by it."""
    HELD_OUT = "held-out"
    """Kept for the end: what was chosen by dev tasks is confirmed, or not, by these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a suite with ONE primary metric and filter."""

    name: str
    domain: str
    role: Role = Role.GENERAL
    purpose: Purpose = Purpose.DEV
    metric: str
    """Primary metric, one number per item."""
    filter: str = "none"
    """Primary filter of lm-eval."""
    partner: str | None = None
    """Stricter or looser reading of the same outputs, as `metric,filter`."""
    chance: float
    """Nominal score of a guesser, a share; nan where guessing has no meaning."""
    higher_is_better: bool = True
    aggregate: Aggregate = Aggregate.MEAN
    """How the scores of items become the score of the task."""
    is_sampled: bool = False
    """Whether answers are drawn at random, so that an item may be asked several times."""
    is_bounded: bool = True
    """Whether scores lie in [0, 1]; else the margin is in the metric's own unit."""
    output_type: OutputType
    version: str
    n_shots: int
    fingerprint: str
    """Hex digest of everything that makes scores of two runs comparable."""
