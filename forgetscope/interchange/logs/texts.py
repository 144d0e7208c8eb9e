"""Values that other programs wrote as text: numbers, pairs, and Python literals."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["LoggedLogprob", "document_id", "literal", "logged_logprob", "logged_text", "mapping"]

_LONGEST_LITERAL = 2_000_000  # characters; what is longer is no document
_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLogprob:
    """The log-probability of one text."""

    logprob: float
    """In nats."""
    is_greedy: bool | None
    """`None` where the log does not tell."""


def document_id(value: object) -> int:
    """Return the number of a document; `ValueError` if it is none that a study can hold."""
    number = int(value)  # type: ignore[call-overload]  # what is no number raises
    if not 0 <= number < 2**63:
        raise ValueError(f"{number} is no number of a document")
    return int(number)


def literal(text: str) -> Any:  # noqa: ANN401  # a literal is of any type
    """Return what a Python literal stands for; the text itself where it is none.

    Nothing is run: calls and names are no literals.

    >>> literal("{'a': [1, None]}"), literal("__import__('os')")
    ({'a': [1, None]}, "__import__('os')")
    """
    if len(text) > _LONGEST_LITERAL:
        return text
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def logged_logprob(value: object, *, depth: int = 0) -> LoggedLogprob:
    """Return a log-probability, however it was written.

    Newer logs hold `["-3.5", "False"]`, older ones `[-3.5, false]` or `"(-3.5, False)"`; lists of
    one stand for what they hold.

    Raises
    ------
    ValueError
        If it is none of these.

    >>> logged_logprob([["-3.5", "False"]])
    LoggedLogprob(logprob=-3.5, is_greedy=False)
    """
    if depth > _DEEPEST:
        raise ValueError("a log-probability lies too deep in lists")
    if isinstance(value, list | tuple):
        if len(value) == 1:
            return logged_logprob(value[0], depth=depth + 1)
        if len(value) == 2:
            return LoggedLogprob(logprob=_number(value[0]), is_greedy=_truth(value[1]))
    if isinstance(value, str) and value.lstrip()[:1] in "([":
        read = literal(value)
        if not isinstance(read, str):
            return logged_logprob(read, depth=depth + 1)
    return LoggedLogprob(logprob=_number(value), is_greedy=None)


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object of JSON; an empty one where it is none.

    >>> mapping({"a": 1}), mapping("a")
    ({'a': 1}, {})
    """
    return value if isinstance(value, Mapping) else {}


def logged_text(value: object) -> str:
    """Return a generated text; of a list, the first.

    >>> logged_text([["42", "43"]])
    '42'
    """
    while isinstance(value, list | tuple):
        if not value:
            return ""
        value = value[0]
    return value if isinstance(value, str) else str(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a log-probability is {type(value).__name__}, no number")  # noqa: TRY004  # the value is wrong, not the caller
    return float(value)


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return {"True": True, "False": False}.get(value)
    return bool(value) if isinstance(value, bool | int) else None
