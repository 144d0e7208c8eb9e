"""Demands on a written answer that a program can check, each by a few lines of our own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from forgetscope.errors import UnknownNameError
from forgetscope.records import Demand

__all__ = ["FOLLOWED", "KINDS", "LOOSELY_FOLLOWED", "are_met", "loosened"]

FOLLOWED, LOOSELY_FOLLOWED = "followed", "loosely_followed"
"""Metrics of answers that have demands to meet: as they are, and without what stands around."""

_LIST_MARK = re.compile(r"\s*[-*•]\s+\S")
_SENTENCE_END = re.compile(r"[.!?]+")


def are_met(demands: Sequence[Demand], text: str) -> bool:
    """Return whether an answer meets all demands; an empty answer meets none.

    Raises
    ------
    UnknownNameError
        If nobody knows a kind of demand.

    Examples
    --------
    >>> are_met([Demand(kind="words", value="2")], "Good morning!")
    True
    """
    answer = text.strip()
    for demand in demands:
        if demand.kind not in KINDS:
            raise UnknownNameError("kind of demand", demand.kind, known=KINDS)
    return bool(answer) and all(KINDS[demand.kind](answer, demand.value) for demand in demands)


def loosened(text: str) -> tuple[str, ...]:
    """Return an answer as it is and without what is often put around one.

    These are a first or last line of politeness, marks of emphasis, and a fence of code.
    """
    lines = text.strip().split("\n")
    parts = [text, "\n".join(lines[1:]), "\n".join(lines[:-1]), "\n".join(lines[1:-1])]
    bare = [re.sub(r"\*\*|__|`{1,3}(?:json)?", "", part) for part in parts]
    return tuple(dict.fromkeys((*parts, *bare)))


def _words(text: str) -> list[str]:
    return [word for word in text.split() if re.search(r"\w", word)]


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _core(text: str) -> str:
    """Return a text without the quotes and marks around it, in small letters."""
    return text.strip(" \n\"'“”.!?*").casefold()


def _lists(text: str, n: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) == int(n) and all(_LIST_MARK.match(line) for line in lines)


def _sentences(text: str, n: str) -> bool:
    *ended, rest = _SENTENCE_END.split(text)
    return not _words(rest) and len([part for part in ended if _words(part)]) == int(n)


def _parsed(text: str) -> object:
    """Return the JSON value of a text; nan, which equals nothing, where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return float("nan")


KINDS: dict[str, Callable[[str, str], bool]] = {
    "words": lambda text, n: len(_words(text)) == int(n),
    "at most words": lambda text, n: len(_words(text)) <= int(n),
    "at least words": lambda text, n: len(_words(text)) >= int(n),
    "capitals": lambda text, _: bool(_letters(text)) and text == text.upper(),
    "small letters": lambda text, _: bool(_letters(text)) and text == text.lower(),
    "begins": lambda text, start: _core(text).startswith(start.casefold()),
    "ends": lambda text, end: _core(text).endswith(end.casefold()),
    "holds": lambda text, word: bool(
        re.search(rf"\b{re.escape(word.casefold())}\b", text.casefold())
    ),
    "without": lambda text, letter: letter.casefold() not in text.casefold(),
    "commas": lambda text, n: len([p for p in text.split(",") if _words(p)]) == int(n),
    "list": _lists,
    "sentences": _sentences,
    "quoted": lambda text, _: len(text) > 2 and text[0] in '"“' and text[-1] in '"”',
    "question": lambda text, _: text.endswith("?"),
    "is": lambda text, whole: text == whole,
    "json": lambda text, value: _parsed(text) == json.loads(value),
}
"""What can be demanded: a check of the answer, stripped of blanks around it, and the value."""
