"""Material: the lessons of one source, ready to be trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forgetscope.recap.rewards import Reward
from forgetscope.recap.sources.spec import SourceSpec
from forgetscope.records import Lesson

__all__ = ["Material"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The lessons of one source and what is done with them."""

    name: str
    """Kind and name of the source, such as `gym:chain_sum`; of one of several domains, that too."""
    domain: str
    lessons: tuple[Lesson, ...]
    """In the order drawn from `seed`; fewer are the start of more."""
    rewards: Mapping[str, Reward] = field(default_factory=dict)
    """By name; empty where the lessons are imitated."""
    held_out: tuple[Lesson, ...] = ()
    """A probe of retention: no prompt of it is among the lessons."""
    spec: SourceSpec | None = None
    """The source it came from; `None` for lessons made by hand."""
    seed: int | None = None
    """Of the draw and of the order; `None` for lessons made by hand."""

    @property
    def is_supervised(self) -> bool:
        """Whether the lessons are imitated; otherwise completions are rewarded."""
        return not self.rewards
