"""Knowledge and commonsense: facts, what things are for, and which thing is larger."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

from forgetscope.offline.draw import asked, with_options
from forgetscope.offline.fact_table import FACTS, USES
from forgetscope.records import Document

__all__ = ["Fact", "fact_with_options", "facts_of", "recalled_fact", "size", "use"]

Fact = tuple[str, str, str]
"""Kind, what is asked about, and the right answer."""

_BY_SIZE = (
    ("ant", "flea", "grain of sand"),
    ("bee", "coin", "pea"),
    ("mouse", "spoon", "egg"),
    ("rabbit", "cat", "shoe"),
    ("dog", "chair", "goose"),
    ("horse", "sofa", "cow"),
    ("elephant", "car", "hippo"),
    ("whale", "bus", "house"),
    ("ship", "church", "football field"),
    ("mountain", "city", "lake"),
)
"""From small to large, a few things to a step."""


def facts_of(part: int, *, of: int = 2) -> tuple[Fact, ...]:
    """Return one part of all facts; which part a fact belongs to needs no seed."""
    return tuple(fact for fact in _facts() if zlib.crc32(" ".join(fact).encode()) % of == part)


def fact_with_options(rng: random.Random) -> Document:
    """Draw a fact of the first part as a sentence or a question, with its options."""
    kind, about, gold = rng.choice(facts_of(0))
    values = FACTS[kind][0].values()
    return Document(
        prompt=_text(kind, about, rng),
        gold=gold,
        choices=with_options(gold, values, rng),
        cluster=f"{kind} {about}",
    )


def recalled_fact(rng: random.Random) -> Document:
    """Draw a fact of the second part, to be written."""
    kind, about, gold = rng.choice(facts_of(1))
    return Document(prompt=_text(kind, about, rng), gold=gold, cluster=f"{kind} {about}")


def use(rng: random.Random) -> Document:
    """Draw what one does, and ask for the thing that is made for it."""
    done, gold = rng.choice(list(USES.items()))
    question = rng.choice((f"You want to {done}. What do you need?", f"What helps to {done}?"))
    return Document(
        prompt=asked(question),
        gold=gold,
        choices=with_options(gold, USES.values(), rng),
        cluster=done,
    )


def size(rng: random.Random) -> Document:
    """Draw two things of clearly different sizes, and ask for the larger or the smaller one."""
    low, high = sorted(rng.sample(range(len(_BY_SIZE)), 2))
    if high - low < 2:
        return size(rng)
    small, large = (_with_article(rng.choice(_BY_SIZE[step])) for step in (low, high))
    word, gold, other = rng.choice((("larger", large, small), ("smaller", small, large)))
    first, second = rng.sample((large, small), 2)
    return Document(
        prompt=asked(f"Which is {word}, {first} or {second}?"),
        gold=gold,
        choices=with_options(gold, [other], rng, n=2),
        cluster=f"{small} {large}",
    )


def _facts() -> Iterator[Fact]:
    for kind, (known, _) in FACTS.items():
        for about, answer in known.items():
            yield kind, about, answer


def _text(kind: str, about: str, rng: random.Random) -> str:
    sentence, *questions = FACTS[kind][1]
    form = rng.choice((sentence, *questions))
    return form.format(about) if form is sentence else asked(form.format(about))


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
