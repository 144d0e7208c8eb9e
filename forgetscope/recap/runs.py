"""Runs of 13 words that two sets of texts have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from forgetscope.recap.tokens import Words

__all__ = ["Runs"]

LENGTH = 13
"""Words of a run."""
_ENOUGH = 0.5
"""Share of the shorter text's runs that the other must hold."""
_ENOUGH_OF_ANOTHER = 0.8
"""The same for two texts with different right answers: one story is told with other numbers."""
_SHORT = 2 * LENGTH
"""Words; shorter texts with different right answers are different questions."""
_FEWEST = 3
"""Runs in common at least, or all of a text that has fewer."""
_USUAL = 10
"""A run in more texts of one side than this, and than the share below, belongs to a wrapper."""
_USUAL_SHARE = 0.02
_KEPT = 8
"""Texts that are remembered for each run: enough to find one, and a bound on the work."""


class Runs:
    """The runs of some texts.

    Parameters
    ----------
    texts
        In which to look; texts of fewer than 13 words have no run.
    golds
        Words of their right answers; empty: none is known.
    """

    def __init__(self, texts: Sequence[Words], golds: Sequence[Words]) -> None:
        usual = _usual(texts)
        self._golds = golds
        self._lengths = [len(text) for text in texts]
        self._texts_of: dict[int, list[int]] = {}
        self._size: list[int] = []
        for place, text in enumerate(texts):
            own = _runs(text) - usual
            self._size.append(len(own))
            for run in own:
                holders = self._texts_of.setdefault(run, [])
                if len(holders) < _KEPT:
                    holders.append(place)

    def of(self, texts: Sequence[Words], golds: Sequence[Words]) -> list[int | None]:
        """Return for each text the place of one that it shares its runs with."""
        usual = _usual(texts)
        return [
            self._nearest(text, _runs(text) - usual, gold)
            for text, gold in zip(texts, golds, strict=True)
        ]

    def _nearest(self, text: Words, own: set[int], gold: Words) -> int | None:
        shared: Counter[int] = Counter()
        for run in own:
            shared.update(self._texts_of.get(run, ()))
        for place, n in shared.most_common(_KEPT):
            other, shorter = self._golds[place], min(len(text), self._lengths[place])
            differ = bool(gold and other and gold != other)
            share = _ENOUGH_OF_ANOTHER if differ else _ENOUGH
            if differ and shorter < _SHORT:
                continue
            n_runs = shorter - LENGTH + 1
            if n >= min(_FEWEST, n_runs) and n >= share * min(len(own), self._size[place]):
                return place
        return None


def _runs(text: Words) -> set[int]:
    return set(_hashes(text))


def _hashes(text: Words) -> Iterator[int]:
    for start in range(len(text) - LENGTH + 1):
        yield hash(text[start : start + LENGTH])


def _usual(texts: Sequence[Words]) -> set[int]:
    """Return the runs that stand in many different texts."""
    different = set(texts)
    counts = Counter(run for text in different for run in _runs(text))
    most = max(_USUAL, _USUAL_SHARE * len(different))
    return {run for run, n in counts.items() if n > most}
