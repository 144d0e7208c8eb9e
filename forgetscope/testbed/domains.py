"""The domains of the testbed: what its models can do, as seeded questions and answers.

Every domain draws rows. A row is either for training or held out, and no held-out prompt is
ever a training prompt: the split is a property of the prompt itself. Three general domains ask
part of their questions on the **surface of the target** (`:3+6+5+4=` beside `3+6+5+4=`), where
training on the target can reach them; the others lie far away from it.

| domain | prompt -> answer |
|---|---|
| math (target) | `3+6+5+4=` -> `18`, `#18` or with its working `9,14#18` |
| knowledge | `@lc=` -> `bd`; the same facts in four forms |
| reading | `ab7cd=` -> `7` (the digit among letters) |
| instruction | `~abc=` -> `cba`; `:3+6+5+4=` -> `9` (the first step only) |
| language | `([{=` -> `}])` |
| safety | `.xy=` -> `xy`; `!xy=` -> `no`, `!3+6+5+4=` -> `no` |
| logic | `|kdb=` -> `b` (first in the alphabet); `?3+6+5+4=` -> `9` (without the first two) |
"""

from __future__ import annotations

import random
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from forgetscope.records import Role

__all__ = ["Domain", "DomainMix", "Row", "different_rows", "domains", "known_facts", "rows"]

LETTERS = string.ascii_lowercase[:16]
"""Few enough that copying them is learnt in seconds."""
FORMS = "@^%&"
"""The marks that open the forms in which a fact can be asked."""
LARGEST_TERM = 6
"""Numbers in sums go from 1 to this: small enough that adding is learnt in seconds."""
OPENING, CLOSING = "([{<", ")]}>"
PATIENCE = 2000
"""So many draws in a row without a new prompt: the domain has no more."""
PLAIN = r"^([^#,]+)$"
"""The whole text is the answer: neither a mark nor working beside it."""
LAST = r"([^#,]+)$"
"""What stands after the last mark or comma is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question with its answer."""

    prompt: str
    answer: str
    """What the base model is trained to write."""
    gold: str
    """What is right, without any form."""
    cluster: str = ""
    """The source of the question, where several questions share one."""
    is_held_out: bool
    """Whether the prompt is kept for evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainMix:
    """How the questions of the base model's training are mixed."""

    n_facts: int = 96
    """Facts in the knowledge domain."""
    n_terms: int = 4
    """Numbers in a sum."""
    direct: float = 0.36
    """Share of sums answered by the bare number: `18`."""
    marked: float = 0.24
    """Share of sums answered by the marked number: `#18`; the rest shows its working."""
    on_surface: float = 0.22
    """Share of instruction, safety and logic training rows on the target's surface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A capability: how its questions are drawn and how its answers are read."""

    name: str
    role: Role = Role.GENERAL
    draw: Callable[[random.Random], Row]
    """One row, of either split."""
    weight: float = 1.0
    """Relative share of the base model's training rows."""
    strict: str = PLAIN
    """Regular expression of the demanded form; the first group is the answer."""
    lenient: str = LAST
    """Regular expression that overlooks the form."""


def domains(mix: DomainMix | None = None) -> tuple[Domain, ...]:
    """Return the seven domains; all models of the testbed live in the same world of facts."""
    mix = mix or DomainMix()
    facts = known_facts(mix.n_facts)
    return (
        Domain(
            name="math",
            role=Role.TARGET,
            draw=partial(_math, mix=mix),
            weight=1.5,
            strict=r"#(\d+)$",
            lenient=r"(\d+)$",
        ),
        Domain(name="knowledge", draw=partial(_knowledge, facts=facts), weight=1.5),
        Domain(name="reading", draw=_reading),
        Domain(name="instruction", draw=partial(_instruction, mix=mix), weight=1.3),
        Domain(name="language", draw=_language),
        Domain(name="safety", draw=partial(_safety, mix=mix)),
        Domain(name="logic", draw=partial(_logic, mix=mix), weight=1.5),
    )


def known_facts(n: int) -> dict[str, str]:
    """Return `n` facts: pairs of letters, each with the pair that belongs to it."""
    rng = random.Random(0)  # one world: a model is asked the facts that it was taught
    pairs = [a + b for a in LETTERS for b in LETTERS]
    return dict(zip(rng.sample(pairs, n), rng.sample(pairs, n), strict=True))


def rows(domain: Domain, rng: random.Random, *, held_out: bool) -> Iterator[Row]:
    """Draw rows of one split without end; prompts may come again."""
    while True:
        row = domain.draw(rng)
        if row.is_held_out == held_out:
            yield row


def different_rows(
    domain: Domain, rng: random.Random, *, held_out: bool, n: int
) -> tuple[Row, ...]:
    """Return `n` rows of one split, no prompt twice; fewer where the domain has no more.

    >>> math = domains()[0]
    >>> len(different_rows(math, random.Random(0), held_out=True, n=20))
    20
    """
    found: dict[str, Row] = {}
    fruitless = 0
    drawn = rows(domain, rng, held_out=held_out)
    while len(found) < n and fruitless < PATIENCE:
        row = next(drawn)
        fruitless = fruitless + 1 if row.prompt in found else 0
        found.setdefault(row.prompt, row)
    return tuple(found.values())


def _kept_for_evaluation(prompt: str) -> bool:
    # a digest of the prompt, so that the split needs no list and no seed
    return zlib.crc32(prompt.encode()) % 4 == 0


def _row(prompt: str, gold: str, *, answer: str | None = None) -> Row:
    return Row(
        prompt=prompt,
        answer=gold if answer is None else answer,
        gold=gold,
        is_held_out=_kept_for_evaluation(prompt),
    )


def _terms(rng: random.Random, n: int) -> list[int]:
    return [rng.randint(1, LARGEST_TERM) for _ in range(n)]


def _sum_text(terms: list[int]) -> str:
    return "+".join(map(str, terms))


def _math(rng: random.Random, *, mix: DomainMix) -> Row:
    terms = _terms(rng, mix.n_terms)
    gold = str(sum(terms))
    form = rng.random()
    answer = gold if form < mix.direct else f"#{gold}"
    if form >= mix.direct + mix.marked:
        partials = [str(sum(terms[:i])) for i in range(2, len(terms))]
        answer = ",".join(partials) + answer
    return _row(_sum_text(terms) + "=", gold, answer=answer)


def _knowledge(rng: random.Random, *, facts: dict[str, str]) -> Row:
    key = rng.choice(list(facts))
    form = rng.randrange(len(FORMS))
    # every fact is trained in all of its forms but one, and asked in that one
    is_held_out = zlib.crc32(key.encode()) % len(FORMS) == form
    return Row(
        prompt=f"{FORMS[form]}{key}=",
        answer=facts[key],
        gold=facts[key],
        cluster=key,
        is_held_out=is_held_out,
    )


def _letters(rng: random.Random, low: int, high: int) -> list[str]:
    return rng.sample(LETTERS, rng.randint(low, high))


def _reading(rng: random.Random) -> Row:
    letters = _letters(rng, 4, 5)
    digit = rng.choice(string.digits)
    letters[rng.randrange(len(letters))] = digit
    return _row("".join(letters) + "=", digit)


def _instruction(rng: random.Random, *, mix: DomainMix) -> Row:
    if rng.random() < mix.on_surface:
        terms = _terms(rng, mix.n_terms)
        return _row(f":{_sum_text(terms)}=", str(sum(terms[:2])))
    word = "".join(_letters(rng, 3, 4))
    return _row(f"~{word}=", word[::-1])


def _language(rng: random.Random) -> Row:
    kinds = [rng.randrange(len(OPENING)) for _ in range(rng.randint(3, 5))]
    return _row(
        "".join(OPENING[k] for k in kinds) + "=", "".join(CLOSING[k] for k in reversed(kinds))
    )


def _safety(rng: random.Random, *, mix: DomainMix) -> Row:
    if rng.random() < mix.on_surface:
        return _row(f"!{_sum_text(_terms(rng, mix.n_terms))}=", "no")
    word = "".join(_letters(rng, 2, 3))
    return _row(f".{word}=", word) if rng.random() < 0.5 else _row(f"!{word}=", "no")


def _logic(rng: random.Random, *, mix: DomainMix) -> Row:
    if rng.random() < mix.on_surface:
        terms = _terms(rng, mix.n_terms)
        return _row(f"?{_sum_text(terms)}=", str(sum(terms[2:])))
    word = "".join(_letters(rng, 3, 4))
    return _row(f"|{word}=", min(word))
