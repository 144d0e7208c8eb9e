"""Long context: sentences that matter, hidden in a text that does not."""

from __future__ import annotations

import random

from forgetscope.offline.draw import with_options
from forgetscope.offline.words import COLOURS, NAMES, PETS, THINGS, TOWNS, TRADES
from forgetscope.records import Document

__all__ = ["SIZES", "needles"]

SIZES = {"2k": 2_000, "8k": 8_000, "24k": 24_000}
"""Length of a text in characters; a token is about four of them in English."""


def needles(rng: random.Random, *, n_characters: int) -> tuple[Document, ...]:
    """Draw a text in which ten houses have a number each, and ask for each of them.

    The ten questions share one text, which an engine may read once, and are one cluster.

    Parameters
    ----------
    n_characters
        Length of the text, give or take a sentence.
    """
    numbers = dict(zip(COLOURS, rng.sample(range(1000, 10_000), len(COLOURS)), strict=True))
    hidden = [f"The number of the {colour} house is {n}." for colour, n in numbers.items()]
    rng.shuffle(hidden)
    text = _text(rng, hidden, n_characters)
    return tuple(
        Document(
            prompt=f"{text}\n\nThe number of the {colour} house is",
            gold=str(number),
            choices=with_options(str(number), map(str, rng.sample([*numbers.values()], 10)), rng),
            cluster=str(sorted(numbers.values())),
        )
        for colour, number in numbers.items()
    )


def _text(rng: random.Random, hidden: list[str], n_characters: int) -> str:
    """Return the hidden sentences in equal distances, with idle ones between them."""
    parts: list[str] = []
    length = 0
    for place, sentence in enumerate(hidden):
        while length < n_characters * (place + 0.5) / len(hidden):
            parts.append(_idle(rng))
            length += len(parts[-1]) + 1
        parts.append(sentence)
        length += len(sentence) + 1
    while length < n_characters:
        parts.append(_idle(rng))
        length += len(parts[-1]) + 1
    return " ".join(parts)


def _idle(rng: random.Random) -> str:
    name, other = rng.sample(NAMES, 2)
    return rng.choice(
        (
            f"{name} went to {rng.choice(TOWNS)} to buy some {rng.choice(THINGS)}.",
            f"{name} and {other} talked about the weather in {rng.choice(TOWNS)}.",
            f"The {rng.choice(TRADES)} told {name} a story about a {rng.choice(PETS)}.",
            f"{name} gave {other} a box with {rng.randint(2, 90)} {rng.choice(THINGS)}.",
            f"Nobody in {rng.choice(TOWNS)} had ever seen such a {rng.choice(PETS)}.",
            f"After lunch {name} wrote to a {rng.choice(TRADES)} in {rng.choice(TOWNS)}.",
        )
    )
