"""Rewards that compare an answer with the right one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from forgetscope.recap.rewards.text import final_answer, last_line, plain
from forgetscope.records import Lesson

__all__ = ["choice", "exact"]

_LETTER_ALONE = re.compile(r"[\s(*\[]{0,4}([a-z])[\s)*\].:]{0,4}")
_LETTER_FIRST = re.compile(r"[\s(*\[]{0,4}([a-z])[)*\].:]{1,4}\s")
_LETTER_LAST = re.compile(r"(?:answer|option|choice)(?: is)?:?\s?[(*\[]{0,4}([a-z])[)*\].]{0,4}$")
_WIDEST = 200
"""Characters at either end of an answer in which its letter is looked for."""


def exact(completion: str, lesson: Lesson) -> float:
    """Return 1 if the answer is the right one but for case and white space, else 0.

    The answer is what stands in the last `<answer>`, or the whole completion.

    >>> exact("<answer>PARIS </answer>", Lesson(prompt="?", gold="Paris"))
    1.0
    """
    return float(plain(final_answer(completion)) == plain(lesson.gold))


def choice(completion: str, lesson: Lesson) -> float:
    """Return 1 if the answer names the right option, by its letter or in its words, else 0.

    >>> asked = Lesson(prompt="?", gold="lion", fields={"choices": ("cat", "lion")})
    >>> choice("B", asked), choice("lion", asked), choice("The answer is (b).", asked)
    (1.0, 1.0, 1.0)
    """
    options = [plain(str(option)) for option in lesson.fields.get("choices", ())]
    right = _place(plain(lesson.gold), options)
    if right is None:
        raise ValueError(f"the right answer is none of the options: {lesson.gold!r}")
    answer = final_answer(completion)
    chosen = _place(plain(answer), options)
    if chosen is None:
        chosen = _place(plain(last_line(answer)), options)
    return float(chosen is not None and chosen == right)


def _place(answer: str, options: Sequence[str]) -> int | str | None:
    """Return which option is meant: its place, or its words where there are no options."""
    if answer in options:
        return options.index(answer)
    letter = _letter(answer)
    if letter is not None:
        place = ord(letter) - ord("a")
        return place if not options or place < len(options) else None
    return None if options or not answer else answer


def _letter(answer: str) -> str | None:
    head, tail = answer[:_WIDEST], answer[-_WIDEST:]
    found = (
        (_LETTER_ALONE.fullmatch(answer) if len(answer) <= _WIDEST else None)
        or _LETTER_FIRST.match(head)
        or _LETTER_LAST.search(tail)
    )
    return found[1] if found else None
