"""The rewards whose comparison needs a referee: mathematics, and the tasks of reasoning-gym."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forgetscope.errors import TrainingError
from forgetscope.recap.rewards.referee import referee
from forgetscope.recap.rewards.text import final_answer, last_line, plain, tagged
from forgetscope.records import Lesson

__all__ = ["ENTRY", "Verifier", "accuracy", "check_accuracy"]

ENTRY = "entry"
"""Field of a lesson that holds what the verifier of a task needs."""

_LONGEST = 4000
"""Characters at the end of an answer in which its formula is looked for."""
_LONGEST_ANSWER = 20_000
"""Characters; no task of reasoning-gym has a right answer as long."""
_GSM_MARK = "####"
"""What GSM8K writes before the number at the end of a worked solution."""


def check_accuracy() -> None:
    """Refuse early where math-verify is missing; `TrainingError` says how to get it."""
    if importlib.util.find_spec("math_verify") is None:
        raise TrainingError(
            "the reward `accuracy` needs the package `math-verify`",
            hint="pip install 'forgetscope[gym]'",
        )


def accuracy(completion: str, lesson: Lesson) -> float:
    """Return 1 if the answer is the right number or formula, written in whatever way, else 0.

    The answer is what stands in the last `<answer>`, behind the last `####`, or the last formula of
    the completion. A comparison that takes longer than three seconds counts as wrong.
    """
    gold, answer = _behind_mark(lesson.gold), _behind_mark(final_answer(completion))
    if plain(answer) == plain(gold):
        return 1.0
    return referee().judge(("math", gold, answer[-_LONGEST:])) or 0.0


def _behind_mark(text: str) -> str:
    return text[text.rfind(_GSM_MARK) + len(_GSM_MARK) :].strip() if _GSM_MARK in text else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """The reward of a task of reasoning-gym: its own verifier, on the answer alone.

    The answer is what stands in the last `<answer>`, or the last line; the whole completion where
    right answers have several lines.
    """

    task: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, completion: str, lesson: Lesson) -> float:
        """Return what the verifier gives, between 0 and 1; what is no number counts as 0."""
        entry = lesson.fields[ENTRY]
        answer = tagged(completion)
        if answer is None:
            answer = completion.strip() if "\n" in lesson.gold.strip() else last_line(completion)
        request = ("gym", self.task, dict(self.settings), entry, answer[:_LONGEST_ANSWER])
        value = referee().judge(request)
        return 0.0 if value is None or math.isnan(value) else min(1.0, max(0.0, value))
