"""What came of an evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Summary", "labelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one evaluation did."""

    computed: int
    """Requests that were answered now."""
    kept: int
    """Requests that the study had answers to."""
    notes: tuple[str, ...] = ()
    """What a person should know, e.g. that weights changed under an old path."""
    answers: dict[str, int] = field(default_factory=dict)
    """All answers to the suite, by label; empty where none was looked at."""


def labelled(label: str, notes: Iterable[str]) -> tuple[str, ...]:
    """Return what an engine had to say, with the checkpoint that it says it of."""
    return tuple(f"`{label}`: {note}" for note in notes)
