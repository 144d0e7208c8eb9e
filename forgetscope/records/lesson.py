"""Lessons: what a training run learns from, whatever source it came out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Lesson"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One prompt with what is right, to be rewarded or to be imitated."""

    prompt: str
    """What the model reads; empty for a plain text that is imitated from its beginning."""
    gold: str = ""
    """The right answer, as rewards compare it; empty where a verifier needs none."""
    answer: str = ""
    """What supervised replay imitates; empty: `gold`."""
    system: str = ""
    """System message of a chat model; empty: none."""
    images: tuple[Any, ...] = ()
    """Pictures that belong to the prompt (PIL images or paths); empty for text alone."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What else the source knows of it; rewards may read it."""

    @property
    def text(self) -> str:
        """What supervised replay imitates."""
        return self.answer or self.gold
