"""Drawing: different documents from a seeded generator, and options in a random order."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence

from forgetscope.errors import UsageError
from forgetscope.records import Document

__all__ = ["asked", "different", "with_options"]

PATIENCE = 5000
"""So many draws in a row without anything new: there is no more."""


def asked(question: str) -> str:
    """Return a question as it is written into a prompt; the answer follows after a blank."""
    return f"Question: {question}\nAnswer:"


def different(
    drawn: Iterator[Document], *, n: int, known: Collection[Document] = ()
) -> tuple[Document, ...]:
    """Return the first `n` documents of which no two ask the same.

    Parameters
    ----------
    drawn
        Documents without end; they may come again.
    known
        Documents of which neither the question nor the source may come again.

    Raises
    ------
    UsageError
        If there are not so many.
    """
    used = {_question(document) for document in known}
    sources = {document.cluster for document in known} - {""}
    found: list[Document] = []
    fruitless = 0
    while len(found) < n:
        document = next(drawn)
        fruitless += 1
        if fruitless > PATIENCE:
            raise UsageError(f"there are only {len(found)} different questions, not {n}")
        if document.cluster not in sources and _question(document) not in used:
            used.add(_question(document))
            found.append(document)
            fruitless = 0
    return tuple(found)


def _question(document: Document) -> tuple[str, ...]:
    # without a question the options, in whatever order, are what is asked
    return (document.prompt,) if document.prompt else tuple(sorted(document.choices))


def with_options(
    gold: str, others: Iterable[str], rng: random.Random, *, n: int = 4
) -> tuple[str, ...]:
    """Return the right option among `n - 1` wrong ones, in a random order.

    Parameters
    ----------
    others
        What wrong options are drawn from; `gold` and repetitions in it are passed over.
    """
    # in order of their first occurrence: the order of a set changes from process to process
    wrong: Sequence[str] = [other for other in dict.fromkeys(others) if other != gold]
    options = [gold, *rng.sample(wrong, n - 1)]
    rng.shuffle(options)
    return tuple(options)
