"""Logic: orders, sequences and deductions, each with its options."""

from __future__ import annotations

import random

from forgetscope.offline.draw import asked, with_options
from forgetscope.offline.words import NAMES
from forgetscope.records import Document

__all__ = ["deduction", "order", "sequence"]

_SCALES = (
    ("taller", "the tallest", "the shortest"),
    ("older", "the oldest", "the youngest"),
    ("faster", "the fastest", "the slowest"),
    ("richer", "the richest", "the poorest"),
)
_NONSENSE = (
    "wug", "dax", "blick", "fep", "zorp", "mib", "tove", "gorn", "plim", "snark", "quib", "vash",
    "lorp", "keth", "brod", "yint", "drel", "shev",
)  # fmt: skip
_CYCLES = (
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"),
    tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)  # fmt: skip


def order(rng: random.Random) -> Document:
    """Draw three people who are compared pairwise, and ask for one end of the order."""
    people = rng.sample(NAMES, 3)
    more, most, least = rng.choice(_SCALES)
    facts = [f"{people[0]} is {more} than {people[1]}.", f"{people[1]} is {more} than {people[2]}."]
    rng.shuffle(facts)
    asks_for_most = rng.random() < 0.5
    gold = people[0] if asks_for_most else people[2]
    question = f"{' '.join(facts)} Who is {most if asks_for_most else least}?"
    return Document(prompt=asked(question), gold=gold, choices=with_options(gold, people, rng, n=3))


def sequence(rng: random.Random) -> Document:
    """Draw the beginning of a sequence of numbers, days, months or letters, to be continued."""
    if rng.random() < 0.25:
        cycle = rng.choice(_CYCLES)
        step = rng.choice((1, 1, 2)) if len(cycle) > 7 else 1
        start = rng.randrange(len(cycle) - 3 * step if len(cycle) == 26 else len(cycle))
        items = [cycle[(start + step * i) % len(cycle)] for i in range(4)]
        near = [cycle[(start + step * 3 + i) % len(cycle)] for i in range(-2, 4)]
    else:
        start, step = rng.randint(1, 40), rng.choice((1, 2, 3, 4, 5, 10))
        is_falling = rng.random() < 0.3 and start > 4 * step
        numbers = [start + (-step if is_falling else step) * i for i in range(4)]
        items = [str(number) for number in numbers]
        near = [str(max(numbers[-1] + i, 0)) for i in range(-4, 8)]
    gold = items[-1]
    others = [other for other in near if other not in items[:-1]]
    return Document(
        prompt=f"{', '.join(items[:-1])},", gold=gold, choices=with_options(gold, others, rng, n=3)
    )


def deduction(rng: random.Random) -> Document:
    """Draw two rules about things that do not exist, and ask what follows from both."""
    first, second, third, other = rng.sample(_NONSENSE, 4)
    name = rng.choice(NAMES)
    rules = [f"Every {first} is a {second}.", f"Every {second} is a {third}."]
    rules.insert(rng.randrange(3), f"No {first} is a {other}.")
    question = f"{' '.join(rules)} {name} is a {first}. So {name} is also a"
    return Document(prompt=question, gold=third, choices=with_options(third, [other], rng, n=2))
