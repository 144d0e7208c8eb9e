"""The kinds of questions: how each is drawn, shown and read."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from forgetscope.offline import (
    facts,
    grammar,
    instructions,
    languages,
    needles,
    numbers,
    orders,
    passages,
    programs,
)
from forgetscope.records import Document, Reading

__all__ = ["KINDS", "Draw", "Kind"]

Draw = Callable[[random.Random], tuple[Document, ...]]
"""Draws the questions of one text; of most kinds each has its own."""

N_ITEMS = 276
"""Two tasks of so many prove 5 points held in each of twelve domains, if a tenth of the answers
change sides (`forgetscope power --suite offline --margin 5pp`)."""
_LAST_NUMBER = r"(-?\d+)(?=\D*$)"
_FIRST_LINE = r"^\s*(\S[^\n]*?)[ \t.!]*(?:\n|$)"
_WHOLE = r"^\s*(\S(?:.*\S)?)\s*$"
_AS_NUMBER = (Reading(name="last", pattern=_LAST_NUMBER), Reading(name="whole", pattern=_WHOLE))
_AS_LINE = (Reading(name="line", pattern=_FIRST_LINE), Reading(name="whole", pattern=_WHOLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of question, which becomes one task."""

    name: str
    domain: str
    draw: Draw
    readings: tuple[Reading, ...] = ()
    """Of written answers that have one right text."""
    n_items: int = N_ITEMS
    n_examples: int = 3
    delimiter: str = " "
    stops: tuple[str, ...] = ("\n\n", "Question:")
    max_new_tokens: int = 32
    shares_from: str = ""
    """Another kind, whose questions must not come again."""


def _one(draw: Callable[[random.Random], Document]) -> Draw:
    return lambda rng: (draw(rng),)


_sum = partial(  # with room to think aloud
    Kind, domain="math", readings=_AS_NUMBER, stops=("Question:",), max_new_tokens=128
)
_python = partial(Kind, domain="code", delimiter="\n", stops=(">>>", "\n\n"))
_told = partial(Kind, stops=("Instruction:",), max_new_tokens=96)
_pair = partial(Kind, delimiter="", n_examples=0)

KINDS = (
    _sum(name="sums", draw=_one(numbers.sum_in_digits)),
    _sum(name="stories", draw=_one(numbers.story)),
    Kind(
        name="sums_mc",
        domain="math",
        draw=_one(numbers.sum_with_options),
        shares_from="sums",
    ),
    _python(name="python", draw=_one(programs.result), readings=_AS_LINE),
    _python(name="python_mc", draw=_one(programs.result_with_options), shares_from="python"),
    Kind(name="order", domain="logic", draw=_one(orders.order)),
    Kind(name="sequence", domain="logic", draw=_one(orders.sequence)),
    Kind(name="deduction", domain="logic", draw=_one(orders.deduction)),
    Kind(name="recall", domain="knowledge", draw=_one(facts.recalled_fact), readings=_AS_LINE),
    Kind(name="facts_mc", domain="knowledge", draw=_one(facts.fact_with_options)),
    Kind(name="size", domain="commonsense", draw=_one(facts.size), n_items=482),
    Kind(name="use", domain="commonsense", draw=_one(facts.use), n_items=70),
    Kind(name="lookup", domain="reading", draw=passages.looked_up, readings=_AS_LINE),
    Kind(name="lookup_mc", domain="reading", draw=passages.looked_up_with_options),
    Kind(name="belief", domain="faithfulness", draw=passages.against_belief, readings=_AS_LINE),
    Kind(name="belief_mc", domain="faithfulness", draw=passages.against_belief_with_options),
    Kind(
        name="unstated",
        domain="faithfulness",
        draw=passages.unstated,
        readings=_AS_LINE,
        n_examples=4,
    ),
    _told(
        name="instruction",
        domain="instruction",
        draw=_one(instructions.instruction),
        n_examples=4,
    ),
    _told(name="json", domain="instruction", draw=_one(instructions.record), n_examples=2),
    _told(name="call", domain="tools", draw=_one(instructions.call), n_items=2 * N_ITEMS),
    _pair(name="agreement", domain="language", draw=_one(grammar.agreement)),
    _pair(name="determiner", domain="language", draw=_one(grammar.determiner)),
    _pair(name="reflexive", domain="language", draw=_one(grammar.reflexive)),
    _pair(name="participle", domain="language", draw=_one(grammar.participle)),
    _pair(name="gender", domain="multilingual", draw=_one(languages.gender), n_items=342),
    Kind(
        name="translation",
        domain="multilingual",
        draw=_one(languages.translation),
        n_items=210,
    ),
    *(
        _pair(
            name=f"needle_{name}",
            domain="long-context",
            draw=partial(needles.needles, n_characters=size),
            delimiter=" ",
            n_items=220 if size < 20_000 else 110,
        )
        for name, size in needles.SIZES.items()
    ),
)
"""In the order of reports."""
