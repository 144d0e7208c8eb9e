"""The words of a text, as overlap compares them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import takewhile

__all__ = ["Words", "cores", "words_of"]

Words = tuple[str, ...]

_QUOTES = str.maketrans(dict.fromkeys("\"'`´‘’‚“”„«»‹›") | dict.fromkeys("‐‑‒–—―−", "-"))
# from the start of each row of marks, and never back: a million of them take no longer to read
_OF_SENTENCES = re.compile(r"(?<![.,;:!?…])[.,;:!?…]++(?=\s|$)")
_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+|[^\w\s]")
_ENOUGH = 8
"""Texts from which on what they all share is a wrapper and no chance."""


def words_of(text: str) -> Words:
    """Return the words of a text; numbers and signs are words, punctuation of sentences is not.

    Signs stay, because `4 + 1` and `4 - 1` are different questions.

    >>> words_of("What's  3.5 + 2 (roughly)?")
    ('whats', '3.5', '+', '2', '(', 'roughly', ')')
    """
    even = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    return tuple(_WORD.findall(_OF_SENTENCES.sub(" ", even)))


def cores(texts: Sequence[Words]) -> list[Words]:
    """Return texts without the words that all of them begin and end with.

    Few texts may share words by chance: below eight different ones nothing is taken away.

    >>> asked = [("question", str(i), "answer") for i in range(9)]
    >>> cores(asked)[:2]
    [('0',), ('1',)]
    """
    different = set(texts)
    if len(different) < _ENOUGH:
        return list(texts)
    n_before = _n_shared(different)
    n_behind = _n_shared({text[n_before:][::-1] for text in different})
    return [text[n_before : len(text) - n_behind] for text in texts]


def _n_shared(texts: set[Words]) -> int:
    """Return how many words all texts begin with."""
    first, last = min(texts), max(texts)  # what the outermost share, all share
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return sum(1 for _ in same)
