"""The testbed's tasks: every domain asked in words of its own, five of them also by choice."""

from __future__ import annotations

import random

from forgetscope.records import Document, OutputType, OwnTask, Reading
from forgetscope.testbed.choices import WRONG_OPTIONS
from forgetscope.testbed.domains import Domain, DomainMix, Row, different_rows, domains

__all__ = ["tasks"]

MAX_NEW_TOKENS = 14
"""Longer than any answer the models are taught."""
CHOSEN_OF = 4
"""One question in so many is asked by choice too: four times the requests, and a check only."""


def tasks(*, n_items: int = 1000, seed: int = 0) -> tuple[OwnTask, ...]:
    """Return one written task per domain, and five by choice, all on held-out prompts.

    Half of the questions of reading, instruction, safety and logic are asked on the target's
    surface. A task by choice offers options for the first quarter of the same questions.

    Parameters
    ----------
    n_items
        Questions per written task; fewer where the domain holds fewer out: knowledge has 128
        facts in four held-out forms each, 512 questions.
    seed
        Of the draw of the questions; equal seeds give equal tasks.
    """
    mix = DomainMix(on_surface=0.5)
    written, chosen = [], []
    for domain in domains(mix):
        rng = random.Random(f"{seed} {domain.name}")
        drawn = different_rows(domain, rng, held_out=True, n=n_items)
        written.append(_written(domain, drawn))
        if domain.name in WRONG_OPTIONS:
            chosen.append(_by_choice(domain, drawn[: n_items // CHOSEN_OF], rng))
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
        choices = [row.gold, *WRONG_OPTIONS[domain.name](row, rng)]
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
