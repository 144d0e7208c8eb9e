"""Reading and faithfulness: questions whose answers stand in a given text, or do not."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

from forgetscope.offline.draw import asked, with_options
from forgetscope.offline.fact_table import FACTS
from forgetscope.offline.facts import facts_of
from forgetscope.offline.words import NAMES, PETS, TOWNS, TRADES
from forgetscope.records import Document

__all__ = [
    "NOT_STATED",
    "against_belief",
    "against_belief_with_options",
    "looked_up",
    "looked_up_with_options",
    "unstated",
]

NOT_STATED = "not stated"
"""The right answer where the text does not tell."""

_FRAMES = (
    "In this story, {} {}.",
    "In the world of this game, {} {}.",
    "Suppose that, by a new law, {} {}.",
)
_PADDING = (
    "Everybody there knows that.", "Nobody remembers how that came to be.",
    "Children learn it at school.", "It has been so for a long time.",
    "Visitors are often surprised by it.", "It is written on every wall.",
)  # fmt: skip


_TELLING = ("works as a", "lives in", "has a")


class _Passage:
    """Four people, each with a trade, a town and a pet."""

    def __init__(self, rng: random.Random) -> None:
        self.people = rng.sample(NAMES, 4)
        columns = (rng.sample(TRADES, 4), rng.sample(TOWNS, 4), rng.sample(PETS, 4))
        self.rows = dict(zip(self.people, zip(*columns, strict=True), strict=True))
        self.columns = columns
        self.facts = [
            f"{name} {words} {value}."
            for name, values in self.rows.items()
            for words, value in zip(_TELLING, values, strict=True)
        ]
        rng.shuffle(self.facts)
        self.text = " ".join(
            rng.choice(
                (
                    f"{name} is a {trade}, lives in {town} and has a {pet}.",
                    f"{name}, who lives in {town} and has a {pet}, is a {trade}.",
                )
            )
            for name, (trade, town, pet) in self.rows.items()
        )

    @property
    def digest(self) -> str:
        """What its questions have in common."""
        return f"{zlib.crc32(self.text.encode()):08x}"

    def questions(self, name: str) -> Iterator[tuple[str, str, list[str]]]:
        """Yield what can be asked about a person, the answer, and the answers of all."""
        words = (
            f"What is the trade of {name}?",
            f"In which town does {name} live?",
            f"Which pet does {name} have?",
        )
        known = self.rows.get(name, (NOT_STATED,) * 3)
        yield from zip(words, known, self.columns, strict=True)


def looked_up(rng: random.Random) -> tuple[Document, ...]:
    """Draw a text about four people with three questions, to be answered in a word."""
    passage = _Passage(rng)
    found = []
    for place, name in enumerate(rng.sample(passage.people, 3)):
        question, gold, _ = list(passage.questions(name))[place]
        prompt = f"{passage.text}\n{asked(question)}"
        found.append(Document(prompt=prompt, gold=gold, cluster=passage.digest))
    return tuple(found)


def looked_up_with_options(rng: random.Random) -> tuple[Document, ...]:
    """Draw facts about four people in any order, and three of them to be completed.

    The options are what the text says of any of the four.
    """
    passage = _Passage(rng)
    text = " ".join(passage.facts)
    found = []
    for place, name in enumerate(rng.sample(passage.people, 3)):
        gold = passage.rows[name][place]
        choices = with_options(gold, passage.columns[place], rng)
        prompt = f"{text}\nAs we have read, {name} {_TELLING[place]}"
        found.append(Document(prompt=prompt, gold=gold, choices=choices, cluster=passage.digest))
    return tuple(found)


def unstated(rng: random.Random) -> tuple[Document, ...]:
    """Draw a text with a question that it answers and one about somebody it does not name."""
    passage = _Passage(rng)
    stranger = rng.choice([name for name in NAMES if name not in passage.people])
    found = []
    for name in (rng.choice(passage.people), stranger):
        question, gold, _ = rng.choice(list(passage.questions(name)))
        told = f'{question} If the text does not say it, write "{NOT_STATED}".'
        found.append(
            Document(prompt=f"{passage.text}\n{asked(told)}", gold=gold, cluster=passage.digest)
        )
    return tuple(found)


def against_belief(rng: random.Random) -> tuple[Document, ...]:
    """Draw a text that contradicts a fact of the second part, to be answered by the text."""
    prompt, gold, _, cluster = _contradiction(rng, part=1)
    return (Document(prompt=prompt, gold=gold, cluster=cluster),)


def against_belief_with_options(rng: random.Random) -> tuple[Document, ...]:
    """Draw a text that contradicts a fact of the first part, and offer the truth beside it."""
    prompt, gold, truth, cluster = _contradiction(rng, part=0)
    choices = with_options(gold, [truth], rng, n=2)
    return (Document(prompt=prompt, gold=gold, choices=choices, cluster=cluster),)


def _contradiction(rng: random.Random, *, part: int) -> tuple[str, str, str, str]:
    """Return the prompt, what the text says, what is true, and the fact."""
    kind, about, truth = rng.choice(facts_of(part))
    told = rng.choice([v for v in dict.fromkeys(FACTS[kind][0].values()) if v != truth])
    sentence, question, _ = FACTS[kind][1]
    start = (sentence[0].lower() + sentence[1:]).format(about)
    padding = " ".join(rng.sample(_PADDING, 2))
    text = f"{rng.choice(_FRAMES).format(start, told)} {padding}"
    wanted = asked(f"According to the text: {question.format(about)}")
    return f"{text}\n{wanted}", told, truth, f"{kind} {about}"
