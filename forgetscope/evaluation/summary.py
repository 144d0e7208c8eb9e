"""What came of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Summary"]


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
