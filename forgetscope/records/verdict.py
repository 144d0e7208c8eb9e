"""The words a comparison may end in."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Adjunct", "FormatClass", "Transition", "Verdict"]


class Verdict(StrEnum):
    """What is proved about one cell (task, domain or overall), in the order of the report."""

    FORGOT = "FORGOT"
    """Lost at least the margin."""
    SLIPPED = "SLIPPED"
    """Lost something; whether more than the margin is open."""
    HELD = "HELD"
    """Proved: no loss beyond the margin."""
    GAINED = "GAINED"
    """Improved."""
    UNDECIDED = "UNDECIDED"
    """Cannot tell yet."""
    CANNOT_MEASURE = "CANNOT MEASURE"
    """No verdict is possible; the cell says why."""


class Adjunct(StrEnum):
    """A remark beside a verdict; it never replaces it."""

    SHIFTED = "SHIFTED"
    """Same average, different items."""
    FORMAT = "FORMAT"
    """The answers survive, their form broke."""


class Transition(StrEnum):
    """What became of one item between two checkpoints."""

    LOST = "lost"
    GAINED = "gained"
    RETAINED = "retained"
    UNSOLVED = "unsolved"


class FormatClass(StrEnum):
    """Why a wrong answer counts as wrong; tried in this order, first match wins."""

    ERROR = "error or empty"
    TRUNCATED = "hit the token limit"
    REFUSED = "refused"
    INVALID = "no parsable answer"
    ELSEWHERE = "gold present but unread"
    OTHER_LANGUAGE = "other language"
    DIFFERENT = "different answer"

    @property
    def is_format(self) -> bool:
        """Whether the form or the delivery failed, rather than the answer."""
        return self in _FORMAT


_FORMAT = frozenset(
    {FormatClass.ERROR, FormatClass.TRUNCATED, FormatClass.INVALID, FormatClass.ELSEWHERE}
)
