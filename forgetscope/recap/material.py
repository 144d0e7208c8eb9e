"""Material: what one source gives a training run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from forgetscope.records import Lesson

__all__ = ["Material", "Reward"]

Reward = Callable[[str, Lesson], float]
"""What a completion is worth, from its text and the lesson it answers; in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The lessons of one source, and how they are learnt."""

    name: str
    """The source as it was written."""
    domain: str
    lessons: tuple[Lesson, ...]
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    """By name; empty where the lessons are imitated."""
    held_out: tuple[Lesson, ...] = ()
    """Kept from training, for the retention probe."""

    @property
    def is_supervised(self) -> bool:
        """Whether the lessons are imitated rather than rewarded."""
        return not self.rewards
