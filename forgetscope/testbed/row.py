"""One question of the testbed, and the split that it belongs to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

__all__ = ["HELD_OUT_OF", "Row", "row_of"]

HELD_OUT_OF = 4
"""One prompt in so many is kept for evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question with its answer."""

    prompt: str
    answer: str
    """What the base model is trained to write."""
    gold: str
    """What is right, without any form."""
    cluster: str = ""
    """The source of the question, where several questions share one."""
    is_held_out: bool
    """Whether the prompt is kept for evaluation."""


def row_of(prompt: str, gold: str, *, answer: str | None = None) -> Row:
    """Return a row whose split is a property of its prompt.

    Parameters
    ----------
    prompt, gold
        The question, and what is right.
    answer
        What the base model is trained to write; `None`: `gold`.
    """
    # a digest of the prompt, so that the split needs no list and no seed
    is_held_out = zlib.crc32(prompt.encode()) % HELD_OUT_OF == 0
    return Row(
        prompt=prompt,
        answer=gold if answer is None else answer,
        gold=gold,
        is_held_out=is_held_out,
    )
