"""The testbed's tasks: every domain asked in words of its own, two of them also by choice."""

from __future__ import annotations

import random

from forgetscope.records import Document, OutputType, OwnTask, Reading
from forgetscope.testbed.domains import (
    CLOSING,
    Domain,
    DomainMix,
    Row,
    different_rows,
    domains,
    known_facts,
)

__all__ = ["tasks"]

N_CHOICES = 4
"""Options of a multiple-choice question."""
MAX_NEW_TOKENS = 12
"""Longer than any answer the models are taught."""


def tasks(*, n_items: int = 600, seed: int = 0) -> tuple[OwnTask, ...]:
    """Return one written task per domain, and two by choice, all on held-out prompts.

    Half of the questions of instruction, safety and logic are asked on the target's surface.

    Parameters
    ----------
    n_items
        Questions per task; fewer where the domain holds fewer out.
    seed
        Of the draw of the questions; equal seeds give equal tasks.
    """
    mix = DomainMix(on_surface=0.5)
    written, chosen = [], []
    for domain in domains(mix):
        rng = random.Random(f"{seed} {domain.name}")
        drawn = different_rows(domain, rng, held_out=True, n=n_items)
        written.append(_written(domain, drawn))
        if domain.name in _WRONG:
            chosen.append(_by_choice(domain, drawn, rng))
    return (*written, *chosen)


def _written(domain: Domain, rows: tuple[Row, ...]) -> OwnTask:
    return OwnTask(
        name=f"testbed_{domain.name}",
        domain=domain.name,
        role=domain.role,
        output_type=OutputType.GENERATE,
        documents=tuple(
            Document(prompt=row.prompt, gold=row.gold, cluster=row.cluster) for row in rows
        ),
        readings=(
            Reading(name="strict", pattern=domain.strict),
            Reading(name="lenient", pattern=domain.lenient),
        ),
        stops=("\n",),
        max_new_tokens=MAX_NEW_TOKENS,
    )


def _by_choice(domain: Domain, rows: tuple[Row, ...], rng: random.Random) -> OwnTask:
    documents = []
    for row in rows:
        choices = [row.gold, *_WRONG[domain.name](row, rng)]
        rng.shuffle(choices)
        documents.append(
            Document(prompt=row.prompt, gold=row.gold, choices=tuple(choices), cluster=row.cluster)
        )
    return OwnTask(
        name=f"testbed_{domain.name}_mc",
        domain=domain.name,
        role=domain.role,
        output_type=OutputType.MULTIPLE_CHOICE,
        documents=tuple(documents),
    )


def _other_values(row: Row, rng: random.Random) -> list[str]:
    """Return what belongs to other facts: plausible, and wrong here."""
    values = [value for value in known_facts(DomainMix().n_facts).values() if value != row.gold]
    return rng.sample(values, N_CHOICES - 1)


def _other_closings(row: Row, rng: random.Random) -> list[str]:
    """Return closings of the same length in which one bracket is of another kind."""
    wrong: set[str] = set()
    while len(wrong) < N_CHOICES - 1:
        place = rng.randrange(len(row.gold))
        closing = row.gold[:place] + rng.choice(CLOSING) + row.gold[place + 1 :]
        wrong |= {closing} - {row.gold}
    # sorted: the order of a set changes from process to process
    return rng.sample(sorted(wrong), len(wrong))


_WRONG = {"knowledge": _other_values, "language": _other_closings}
"""The wrong options of the domains that are asked by choice."""
