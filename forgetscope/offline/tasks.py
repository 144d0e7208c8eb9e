"""The tasks of the preset `offline`: made by seeded code, in ordinary language, for any checkpoint.

| domain | asked in writing | asked by options |
|---|---|---|
| math | sums, stories | sums |
| code | values of Python expressions | values of Python expressions |
| logic | | orders, sequences, deductions |
| knowledge | facts | other facts |
| commonsense | | sizes, uses |
| reading | a word in a text | a word in a text |
| faithfulness | a text against belief, what a text does not say | a text against belief |
| instruction | forms of answers, JSON | |
| tools | calls | |
| language | | four kinds of minimal pairs |
| multilingual | | gender, words |
| long-context | | ten numbers in texts of three lengths |

Whatever stands beside a question is an example of its kind, never an item.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache

from forgetscope.offline.draw import different
from forgetscope.offline.kinds import KINDS, Kind
from forgetscope.records import Document, OutputType, OwnTask

__all__ = ["PREFIX", "tasks"]

PREFIX = "offline_"
"""How the names of all tasks begin."""


@lru_cache(maxsize=4)
def tasks(*, seed: int = 0, n_items: int | None = None) -> tuple[OwnTask, ...]:
    """Return the tasks; equal seeds give equal tasks.

    Parameters
    ----------
    seed
        Of the draw of the questions.
    n_items
        Questions of each task at most; `None`: as many as its domain wants, 70 to 552.
    """
    found: dict[str, OwnTask] = {}
    for kind in KINDS:
        rng = random.Random(f"{seed} {kind.name}")
        other = found.get(kind.shares_from)
        n = kind.n_items if n_items is None else min(n_items, kind.n_items)
        found[kind.name] = _task(kind, rng, n=n, passed_over=other.documents if other else ())
    return tuple(found.values())


def _task(kind: Kind, rng: random.Random, *, n: int, passed_over: tuple[Document, ...]) -> OwnTask:
    # one example of a text: its other questions would not be examples of something else
    examples = different(_firsts(kind, rng), n=kind.n_examples)
    documents = different(_all(kind, rng), n=n, known=(*examples, *passed_over))
    is_written = not documents[0].choices
    return OwnTask(
        name=f"{PREFIX}{kind.name}",
        domain=kind.domain,
        output_type=OutputType.GENERATE if is_written else OutputType.MULTIPLE_CHOICE,
        documents=documents,
        examples=examples,
        delimiter=kind.delimiter,
        readings=kind.readings,
        stops=kind.stops if is_written else (),
        max_new_tokens=kind.max_new_tokens,
    )


def _firsts(kind: Kind, rng: random.Random) -> Iterator[Document]:
    while True:
        yield kind.draw(rng)[0]


def _all(kind: Kind, rng: random.Random) -> Iterator[Document]:
    while True:
        yield from kind.draw(rng)
