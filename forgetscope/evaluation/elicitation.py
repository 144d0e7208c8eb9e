"""Ask again: which items, with which examples, and with which words the answer is begun.

Everything here is a function of its arguments; draws are by hashes, so that equal studies draw
alike, whatever was asked before.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Item

__all__ = ["Drawn", "continued", "draw", "draw_examples", "shared_prefix", "with_examples"]

_MAX_PREFIX = 40
"""Characters; words that lead to an answer are few."""
_LEAST_ANSWERS = 5
"""Below it half of the answers is hardly a habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The items of one task that are asked again."""

    lost: tuple[Item, ...]
    """Right at the base, wrong now."""
    control: tuple[Item, ...]
    """Wrong both times; as many as lost ones, where there are so many."""
    kept: tuple[Item, ...]
    """Right both times; likewise."""
    n_lost: int
    """Lost items there are, asked again or not."""


def draw(
    items: Sequence[Item],
    *,
    before: Mapping[str, float],
    after: Mapping[str, float],
    cap: int,
    seed: int,
) -> Drawn:
    """Draw at most `cap` lost items, equally many wrong both times, and as many right both times.

    Parameters
    ----------
    before, after
        Scores by item id, shares with better upwards. Scores between 0 and 1 are neither right nor
        wrong here.
    """
    order = sorted(items, key=lambda item: _order(seed, "recover", item.id))
    moved: dict[tuple[float | None, float | None], list[Item]] = defaultdict(list)
    for item in order:
        moved[before.get(item.id), after.get(item.id)].append(item)
    lost = moved[1.0, 0.0]
    n = min(len(lost), cap)
    return Drawn(
        lost=tuple(lost[:n]),
        control=tuple(moved[0.0, 0.0][:n]),
        kept=tuple(moved[1.0, 1.0][:n]),
        n_lost=len(lost),
    )


def draw_examples(item: Item, candidates: Iterable[Item], *, k: int, seed: int) -> tuple[Item, ...]:
    """Draw `k` other items, no two of one source and none of the source of `item`.

    Returns fewer where there are no more.
    """
    taken = {item.cluster}
    drawn: list[Item] = []
    for each in sorted(candidates, key=lambda each: _order(seed, item.id, each.id)):
        if len(drawn) == k:
            break
        if each.id != item.id and each.cluster not in taken:
            taken.add(each.cluster)
            drawn.append(each)
    return tuple(drawn)


def with_examples(prompt: str, *, question: str, blocks: Sequence[str]) -> str:
    """Write example blocks directly before the question.

    Description and examples that the prompt has already stay before them. Where a chat template
    was applied, the examples stand in the turn of the question.

    Parameters
    ----------
    question
        The question alone; where the prompt does not show it, the whole prompt counts as question.
    blocks
        Each with whatever separates it from the next.
    """
    shown = question.strip()
    place = prompt.rfind(shown) if shown else -1
    if place < 0:
        place = 0
    return prompt[:place] + "".join(blocks) + prompt[place:]


def shared_prefix(answers: Sequence[tuple[str, str | None]]) -> str | None:
    """Return the words that most often stand directly before the extracted answer.

    That is the longest text which at least half of the answers share there; it lies on one line
    and begins where a word or a mark begins.

    Parameters
    ----------
    answers
        Text and what was read from it; `None` where nothing was read.

    Returns
    -------
    str or None
        `None` where no such text is shared, or there are too few answers to call it a habit.

    Examples
    --------
    >>> shared_prefix([(f"{n} and {n}: #### {2 * n}", f"{2 * n}") for n in range(10, 20)])
    ': #### '
    >>> shared_prefix([("18", "18")] * 10)
    """
    if len(answers) < _LEAST_ANSWERS:
        return None
    counts = Counter(
        prefix
        for text, extracted in answers
        if extracted
        for prefix in _leading(text, text.rfind(extracted))
    )
    common = [prefix for prefix, count in counts.items() if 2 * count >= len(answers)]
    # of texts that end alike the longest; sorted, so that the answer is one and the same
    return max(sorted(common), key=len, default=None)


def _leading(text: str, place: int) -> frozenset[str]:
    """Return every text that leads to `place` on its line and begins a word or a mark."""
    if place <= 0:
        return frozenset()
    first = max(text.rfind("\n", 0, place) + 1, place - _MAX_PREFIX)
    return frozenset(
        text[start:place]
        for start in range(first, place)
        if not text[start].isspace() and _begins(text, start)
    )


def _begins(text: str, start: int) -> bool:
    if start == 0:
        return True
    return not (text[start - 1].isalnum() and text[start].isalnum())


def continued(prefix: str, continuation: str) -> str:
    """Return the answer that was begun with `prefix` by force, as it is judged.

    The request ends without the white space of the prefix, which belongs to the first token of
    what follows; where the model writes none, that of the prefix counts.
    """
    bare = prefix.rstrip()
    return (bare if continuation[:1].isspace() else prefix) + continuation


def _order(seed: int, *parts: str) -> bytes:
    return hashlib.sha256("\n".join((str(seed), *parts)).encode()).digest()
