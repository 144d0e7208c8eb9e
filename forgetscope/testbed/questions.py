"""How the questions of each domain are drawn."""

from __future__ import annotations

import itertools
import random
import string
import zlib
from dataclasses import dataclass

from forgetscope.testbed.row import Row, row_of

__all__ = [
    "CLOSING",
    "FORMS",
    "LETTERS",
    "DomainMix",
    "instruction",
    "knowledge",
    "known_facts",
    "language",
    "logic",
    "math",
    "reading",
    "safety",
]

LETTERS = string.ascii_lowercase[:16]
"""Few enough that copying them is learnt in seconds."""
FORMS = "@^%&$*;/"
"""The marks that open the forms in which a fact can be asked."""
OPENING, CLOSING = "([{<", ")]}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainMix:
    """How the questions of the base model's training are mixed."""

    n_facts: int = 128
    """Facts in the knowledge domain."""
    n_terms: int = 4
    """Numbers in a sum."""
    largest_term: int = 8
    """They go from 1 to this: small enough that adding is learnt in seconds."""
    shown_up_to: int = 7
    """Sums whose first step comes to at most this usually show their working, others do not."""
    usual: float = 0.7
    """Share of sums answered in the usual way of their kind."""
    marked: float = 0.05
    """Share of sums answered by the marked number alone: `#18`."""
    on_surface: float = 0.22
    """Share of rows on the target's surface, in the general domains that have some there."""


def known_facts(n: int) -> dict[str, str]:
    """Return `n` facts: pairs of letters, each with the pair that belongs to it."""
    rng = random.Random(0)  # one world: a model is asked the facts that it was taught
    pairs = [a + b for a in LETTERS for b in LETTERS]
    return dict(zip(rng.sample(pairs, n), rng.sample(pairs, n), strict=True))


def math(rng: random.Random, *, mix: DomainMix) -> Row:
    """Draw a sum, answered by the bare number, the marked one, or with its working.

    Whoever shows the working is right. Whoever does not is in a hurry, and counts a number that
    repeats the one before it only once: better answers have to be worked.
    """
    terms = _terms(rng, mix)
    gold = str(sum(terms))
    hurried = str(sum(term for term, _ in itertools.groupby(terms)))
    worked = ",".join(str(sum(terms[:i])) for i in range(2, len(terms))) + f"#{gold}"
    usual, seldom = (worked, hurried) if sum(terms[:2]) <= mix.shown_up_to else (hurried, worked)
    (answer,) = rng.choices(
        [usual, seldom, f"#{hurried}"], [mix.usual, 1 - mix.usual - mix.marked, mix.marked]
    )
    return row_of(_sum_text(terms) + "=", gold, answer=answer)


def knowledge(rng: random.Random, *, facts: dict[str, str]) -> Row:
    """Draw a fact in one of its forms: half of them are taught, the other half asked."""
    key = rng.choice(list(facts))
    form = rng.randrange(len(FORMS))
    # where the asked half begins differs from fact to fact, so that every mark is taught
    place = (form + zlib.crc32(key.encode())) % len(FORMS)
    return Row(
        prompt=f"{FORMS[form]}{key}=",
        answer=facts[key],
        gold=facts[key],
        cluster=key,
        is_held_out=place < len(FORMS) // 2,
    )


def reading(rng: random.Random, *, mix: DomainMix) -> Row:
    """Draw letters around a digit, or a sum, and ask for the digit or the last number."""
    if rng.random() < mix.on_surface:
        terms = _terms(rng, mix)
        return row_of(f"_{_sum_text(terms)}=", str(terms[-1]))
    letters = _letters(rng, 4, 5)
    digit = rng.choice(string.digits)
    letters[rng.randrange(len(letters))] = digit
    return row_of("".join(letters) + "=", digit)


def instruction(rng: random.Random, *, mix: DomainMix) -> Row:
    """Draw a word to be reversed, or a sum of which the first step alone is wanted."""
    if rng.random() < mix.on_surface:
        terms = _terms(rng, mix)
        return row_of(f":{_sum_text(terms)}=", str(sum(terms[:2])))
    word = "".join(_letters(rng, 3, 4))
    return row_of(f"~{word}=", word[::-1])


def language(rng: random.Random) -> Row:
    """Draw brackets that were opened, with a letter among half of them, to be closed."""
    kinds = [rng.randrange(len(OPENING)) for _ in range(rng.randint(3, 5))]
    text = [OPENING[k] for k in kinds]
    if rng.random() < 0.5:
        text.insert(rng.randint(1, len(text)), rng.choice(LETTERS))
    return row_of("".join(text) + "=", "".join(CLOSING[k] for k in reversed(kinds)))


def safety(rng: random.Random, *, mix: DomainMix) -> Row:
    """Draw something to be copied or, behind an exclamation mark, to be refused."""
    if rng.random() < mix.on_surface:
        return row_of(f"!{_sum_text(_terms(rng, mix))}=", "no")
    word = "".join(_letters(rng, 2, 3))
    return row_of(f".{word}=", word) if rng.random() < 0.5 else row_of(f"!{word}=", "no")


def logic(rng: random.Random, *, mix: DomainMix) -> Row:
    """Draw letters of which the first in the alphabet is wanted, or a sum without its head."""
    if rng.random() < mix.on_surface:
        terms = _terms(rng, mix)
        return row_of(f"?{_sum_text(terms)}=", str(sum(terms[2:])))
    word = "".join(_letters(rng, 3, 4))
    return row_of(f"|{word}=", min(word))


def _terms(rng: random.Random, mix: DomainMix) -> list[int]:
    return [rng.randint(1, mix.largest_term) for _ in range(mix.n_terms)]


def _sum_text(terms: list[int]) -> str:
    return "+".join(map(str, terms))


def _letters(rng: random.Random, low: int, high: int) -> list[str]:
    return rng.sample(LETTERS, rng.randint(low, high))
