"""Sides: checkpoints as they lie in studies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forgetscope.records import Checkpoint, Profile
from forgetscope.store import Answers
from forgetscope.store import Study as StoredStudy

__all__ = ["Side"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One checkpoint of one study."""

    study: StoredStudy
    label: str
    """Its label in that study."""
    name: str
    """Its label in the comparison."""

    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint, under the name of the comparison."""
        return replace(self.study.checkpoint(self.label), label=self.name)

    def answers(self) -> Answers:
        """Return what it answered."""
        return self.study.answers_of(self.label)

    def profile(self) -> Profile:
        """Return its capability profile, under the name of the comparison."""
        return replace(self.study.profile(self.label), label=self.name)
