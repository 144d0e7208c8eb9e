"""Mathematics: sums in digits and in words."""

from __future__ import annotations

import random

from forgetscope.offline.draw import asked, with_options
from forgetscope.offline.words import NAMES, THINGS
from forgetscope.records import Document

__all__ = ["story", "sum_in_digits", "sum_with_options"]


def sum_in_digits(rng: random.Random) -> Document:
    """Draw a sum or difference of two numbers of at most 40, or a sum of three below 10."""
    text, value = _sum(rng)
    return Document(prompt=asked(f"What is {text}?"), gold=str(value))


def sum_with_options(rng: random.Random) -> Document:
    """Draw a sum with three wrong results near the right one."""
    text, value = _sum(rng)
    near = [str(other) for other in range(max(value - 11, 0), value + 12)]
    return Document(
        prompt=asked(f"What is {text}?"),
        gold=str(value),
        choices=with_options(str(value), near, rng),
    )


def story(rng: random.Random) -> Document:
    """Draw a story of one or two steps that asks how many are left."""
    name, thing = rng.choice(NAMES), rng.choice(THINGS)
    first, more = rng.randint(3, 20), rng.randint(2, 12)
    less = rng.randint(1, first + more - 1)
    gets = rng.choice(("buys", "finds", "is given"))
    loses = rng.choice(("gives away", "loses", "sells"))
    start, question = f"{name} has {first} {thing}.", f"How many {thing} does {name} have now?"
    if rng.random() < 0.5:
        return Document(
            prompt=asked(f"{start} {name} {gets} {more} more. {question}"), gold=str(first + more)
        )
    steps = f"{name} {gets} {more} more and then {loses} {less}."
    return Document(prompt=asked(f"{start} {steps} {question}"), gold=str(first + more - less))


def _sum(rng: random.Random) -> tuple[str, int]:
    if rng.random() < 0.4:
        terms = [rng.randint(1, 9) for _ in range(3)]
        return " + ".join(map(str, terms)), sum(terms)
    first, second = rng.randint(1, 40), rng.randint(1, 40)
    if rng.random() < 0.5:
        return f"{first} + {second}", first + second
    high, low = max(first, second), min(first, second)
    return f"{high} - {low}", high - low
