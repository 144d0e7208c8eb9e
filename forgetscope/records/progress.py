"""Progress: how long work tells whoever started it where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Effort", "Progress", "Standing", "no_progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is asked of a model: scoring and writing take their own time each."""

    scored: float = 0.0
    """Characters of the texts to score, prompts included."""
    written: float = 0.0
    """Tokens that may be generated at most, and a tenth of one for each character of a prompt."""

    def plus(self, other: Effort, *, times: int = 1) -> Effort:
        """Return the sum with so many times another; negative takes away."""
        return Effort(
            scored=self.scored + times * other.scored,
            written=self.written + times * other.written,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an evaluation stands as a whole, beside the stage it is at."""

    checkpoint: str
    number: int
    """Place of the checkpoint in the series, from 1."""
    of: int
    """Checkpoints of the series."""
    task: str = ""
    """The task that was answered last; empty before the first answer of a checkpoint."""
    task_number: int = 0
    tasks: int = 0
    items: int = 0
    """Finished items of that task."""
    items_total: int = 0
    is_writing: bool = False
    """Whether the last answers were generated."""
    tokens: int = 0
    """Tokens scored or generated since the call began."""
    done: Effort = Effort()
    """What was asked since the call began."""
    left: Effort = Effort()
    """What will still be asked, later checkpoints included."""


class Progress(Protocol):
    """Receives the state of long work; called often, so it must be cheap."""

    def __call__(
        self, stage: str, done: int, total: int, /, note: str = "", standing: Standing | None = None
    ) -> None:
        """Take note that `done` of `total` units of `stage` are finished."""


def no_progress(
    stage: str, done: int, total: int, /, note: str = "", standing: Standing | None = None
) -> None:
    """Ignore progress."""
    del stage, done, total, note, standing
