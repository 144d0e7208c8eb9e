"""What can be trained on: rows of any domain, never held out, as lessons."""

from __future__ import annotations

import random

from forgetscope.errors import UnknownNameError
from forgetscope.records import Lesson
from forgetscope.testbed.domains import DomainMix, different_rows, domains

__all__ = ["training_rows"]


def training_rows(
    name: str, *, n: int, seed: int, mix: DomainMix | None = None
) -> tuple[Lesson, ...]:
    """Return different questions of a domain, none of them held out, with their answers.

    Parameters
    ----------
    name
        Of the domain.
    n
        How many; all where the domain has fewer.
    seed
        Of the draw; equal seeds give equal rows.
    mix
        What the rows are; `None`: as the base model was taught.

    Raises
    ------
    UnknownNameError
        No domain has that name.

    Examples
    --------
    >>> lesson = training_rows("instruction", n=1, seed=0)[0]
    >>> lesson.gold == lesson.answer
    True
    """
    known = {domain.name: domain for domain in domains(mix)}
    if name not in known:
        raise UnknownNameError("testbed domain", name, known=known)
    rng = random.Random(f"{seed} {name}")
    drawn = different_rows(known[name], rng, held_out=False, n=n)
    return tuple(Lesson(prompt=row.prompt, gold=row.gold, answer=row.answer) for row in drawn)
