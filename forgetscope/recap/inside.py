"""Short questions inside somewhat longer ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forgetscope.recap.tokens import Words

__all__ = ["Inside"]

SHORTEST, LONGEST = 5, 12
"""Words of a text that is looked for inside others; longer ones have runs of 13."""
WIDEST = 64
"""Words of a text that is looked into: a wrapper is short, a passage holds much by chance."""


class Inside:
    """Some texts with their right answers.

    Only texts with equal answers can be the same question: a few words often stand inside others
    by chance, and `first step of 3 + 6 + 5 =` is not the sum.

    Parameters
    ----------
    texts
        The texts.
    golds
        Words of their right answers; empty: no answer, which equals none.
    """

    def __init__(self, texts: Sequence[Words], golds: Sequence[Words]) -> None:
        self._texts, self._golds = texts, golds
        self._short = _short(texts, golds)

    def of(self, texts: Sequence[Words], golds: Sequence[Words]) -> list[int | None]:
        """Return for each text the place of one that stands inside it, or that it stands in."""
        found: list[int | None] = [
            self._short.place_in(text, gold) for text, gold in zip(texts, golds, strict=True)
        ]
        other = _short(texts, golds)
        places: dict[tuple[Words, Words], int] = {}
        for place, (text, gold) in enumerate(zip(self._texts, self._golds, strict=True)):
            for window in other.windows(text, gold):
                places.setdefault((window, gold), place)
        return [
            places.get((text, gold)) if mine is None else mine
            for text, gold, mine in zip(texts, golds, found, strict=True)
        ]


class _Short:
    """Short texts by words and answer."""

    def __init__(self, places: dict[tuple[Words, Words], int]) -> None:
        self._places = places
        self._lengths = sorted({len(text) for text, _ in places})

    def place_in(self, text: Words, gold: Words) -> int | None:
        """Return the place of a short text inside a longer one with the same answer."""
        return next((self._places[window, gold] for window in self.windows(text, gold)), None)

    def windows(self, text: Words, gold: Words) -> Iterator[Words]:
        """Yield the short texts inside `text`."""
        if not gold or len(text) > WIDEST:
            return
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                window = text[start : start + length]
                if (window, gold) in self._places:
                    yield window


def _short(texts: Sequence[Words], golds: Sequence[Words]) -> _Short:
    places: dict[tuple[Words, Words], int] = {}
    for place, (text, gold) in enumerate(zip(texts, golds, strict=True)):
        if gold and SHORTEST <= len(text) <= LONGEST:
            places.setdefault((text, gold), place)
    return _Short(places)
