"""What a reward is, and the check that every reward goes through."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from forgetscope.errors import TrainingError
from forgetscope.recap.rewards.text import shown
from forgetscope.records import Lesson

__all__ = ["Checked", "Reward"]

Reward = Callable[[str, Lesson], float]
"""What a completion is worth, from 0 to 1, from its text and the lesson it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A reward that returns a number from 0 to 1, or raises an error that names it."""

    name: str
    reward: Reward

    def __call__(self, completion: str, lesson: Lesson) -> float:
        """Return what the completion is worth.

        Raises
        ------
        TrainingError
            If the reward fails, or returns anything but a number from 0 to 1.
        """
        try:
            value = self.reward(completion, lesson)
        except TrainingError:
            raise
        except Exception as error:  # a reward is anybody's code and may fail in any way
            raise TrainingError(
                f"the reward `{self.name}` failed on the prompt {shown(lesson.prompt)}: "
                f"{type(error).__name__}: {shown(str(error))}",
                hint="a reward must cope with any text a model can write",
            ) from error
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 <= number <= 1:
            raise TrainingError(
                f"the reward `{self.name}` returned {shown(repr(value))} for the prompt "
                f"{shown(lesson.prompt)}",
                hint="a reward is one number from 0 to 1",
            )
        return number
