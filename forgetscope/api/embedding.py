"""Which items a report holds, and which of their words it may repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from forgetscope.records import Item

__all__ = ["EmbedMode", "Embedding", "hidden_answer", "hidden_gold", "hidden_item"]

EmbedMode = Literal["changed", "lost", "all", "none"]
"""Items whose texts lie in the page: those that changed sides, the lost ones, all, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What of the items a report repeats."""

    embed: EmbedMode = "changed"
    redact_prompts: bool = False
    """Whether what the data set wrote (prompt, options, right answer) is taken out of every file;
    what a model wrote stays, even where it quotes the prompt."""


def hidden_item(item: Item) -> Item:
    """Return the item without the data set's words: its options are numbers.

    >>> item = Item(id="a", task="t", document_id=1, prompt="2+2?", prompt_hash="b", gold="four",
    ...             choices=("three", "four"), chance=0.5, cluster="")
    >>> hidden_item(item).gold, hidden_item(item).choices, hidden_item(item).prompt
    ('option 2', ('option 1', 'option 2'), '')
    """
    names = tuple(_name(place) for place in range(len(item.choices)))
    return replace(item, prompt="", gold=hidden_gold(item.gold, item.choices), choices=names)


def hidden_gold(gold: str, choices: Sequence[str]) -> str:
    """Return the number of the right option; a right answer in words is left out."""
    return hidden_answer(gold, choices) if gold in choices else ""


def hidden_answer(answer: str, choices: Sequence[str]) -> str:
    """Return the number of an option that was chosen; what a model wrote itself stays."""
    return _name(choices.index(answer)) if answer in choices else answer


def _name(place: int) -> str:
    return f"option {place + 1}"
