"""What a weighting rule consists of: settings, and two functions that read nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

__all__ = ["ActsOn", "Formula", "ObjectiveKind", "Seen", "Sign", "domain_of", "is_probe"]

ObjectiveKind = Literal["reward", "loss"]
"""What is observed of an objective: higher is better, or lower is."""

ActsOn = Literal["reward", "advantage"]
"""What the weights multiply: raw rewards before they are normalised inside their group, or the
normalised advantages. A weight on a supervised loss multiplies that loss either way."""

Sign = Literal["lagging", "leading"]
"""Who gains weight: an objective that stands still or falls back, or one that improves fast."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What is remembered of one objective."""

    objective: str
    kind: ObjectiveKind | None = None
    """`None` until it was first observed."""
    memory: list[float] = field(default_factory=list)
    """Finite numbers that mean what the formula wants, the latest last."""


class Formula(Protocol):
    """A frozen record of settings with the functions of one rule."""

    NAME: ClassVar[str]
    ACTS_ON: ClassVar[ActsOn]
    READS_PROBES: ClassVar[bool]
    """Whether objectives called `domain/probe` tell it anything; no rule gives them a weight."""

    def remember(self, seen: Seen, value: float) -> None:
        """Take a new value into the memory of its objective."""
        ...

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return what each objective gets, in their order.

        Parameters
        ----------
        weighted
            The objectives that are trained on, sorted by name; at least one.
        probes
            Those that are only watched, sorted by name.
        step
            Steps completed before this one.

        Returns
        -------
        list[float]
            Finite, not negative, in any unit: they are divided by their mean.
        """
        ...


def domain_of(objective: str) -> str:
    """Return what stands before the last slash.

    >>> domain_of("math/accuracy"), domain_of("math")
    ('math', 'math')
    """
    return objective.rpartition("/")[0] or objective


def is_probe(objective: str) -> bool:
    """Return whether an objective is held-out material that is watched and not trained on."""
    return objective.endswith("/probe")
