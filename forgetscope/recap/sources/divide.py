"""Divide what a source holds into lessons and a probe that shares no prompt with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forgetscope.records import Lesson
from forgetscope.statistics import nested_order

__all__ = ["HELD_OUT", "LARGEST_PART", "Divided", "divide"]

HELD_OUT = 64
"""Lessons of a probe."""
LARGEST_PART = 5
"""A probe takes at most one in so many."""


class Divided(NamedTuple):
    """Two parts of what a source holds."""

    lessons: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]


def divide(lessons: Sequence[Lesson], *, n: int | None, n_held_out: int, seed: int) -> Divided:
    """Order lessons by `seed` and hold some of them out.

    The order belongs to the prompts: a larger `n` adds lessons behind those of a smaller one, and
    the probe stays the same.

    Parameters
    ----------
    n
        Lessons at most; `None` for all that are left.
    n_held_out
        Size of the probe; at most a fifth of the prompts. Lessons without any text to imitate
        make none.
    """
    by_prompt: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        by_prompt.setdefault(lesson.prompt or lesson.text, []).append(lesson)
    prompts = list(by_prompt)
    ordered = [by_prompt[prompts[place]] for place in nested_order(prompts, seed=seed).tolist()]
    size = min(n_held_out, len(ordered) // LARGEST_PART)
    probe = [group[0] for group in ordered[:size] if group[0].text]
    kept = [lesson for group in ordered[size:] for lesson in group]
    return Divided(lessons=tuple(kept[:n]), held_out=tuple(probe))
