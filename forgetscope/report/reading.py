"""The changed items as a page to read: what was asked, and both answers.

Texts stay as the model wrote them; whoever shows them cleans them. A long text keeps its beginning
and its end, and says how much is missing; the full one lies in `items.parquet`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Story, Transition
from forgetscope.report import wording

__all__ = ["ItemEntry", "ItemPage", "item_page", "shortened"]

LONGEST, BEGINNING, END = 4000, 2500, 1500
"""Characters of one text: the most that is kept whole, and what stays of a longer one."""

PREVIEW = 90
"""Characters of the prompt in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEntry:
    """One changed item."""

    key: str
    domain: str
    task: str
    transition: Transition
    outcomes: str
    """One sign per checkpoint: `1` right, `0` wrong, `h` in between, `-` not evaluated."""
    failure: str
    """Why the wrong answer counts as wrong."""
    preview: str
    head: str
    """Beginning that all prompts of the task share (few-shot examples)."""
    prompt: str
    """The prompt after `head`."""
    gold: str
    choices: tuple[str, ...]
    before: str
    after: str
    before_read: str
    after_read: str
    """What the filter read from the answer; empty where answers are options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """All changed items of the last comparison, lost ones first."""

    entries: tuple[ItemEntry, ...]
    n_lost: int
    n_gained: int
    checkpoints: tuple[str, ...]
    """Name of each checkpoint, the base first, in the order of `outcomes`."""


def item_page(
    stories: Sequence[Story], *, order: Sequence[str], checkpoints: Sequence[str]
) -> ItemPage:
    """Return the page of the changed items, domains in the given order (slugs)."""
    place = {slug: index for index, slug in enumerate(order)}
    heads = _shared_heads(stories)
    changed = [s for s in stories if s.transition in (Transition.LOST, Transition.GAINED)]
    changed.sort(key=lambda story: _sort_key(story, place))
    lost = sum(story.transition is Transition.LOST for story in changed)
    return ItemPage(
        entries=tuple(_entry(story, head=heads[story.item.task]) for story in changed),
        n_lost=lost,
        n_gained=len(changed) - lost,
        checkpoints=tuple(checkpoints),
    )


def shortened(text: str) -> str:
    """Return a text of at most about `LONGEST` characters, saying what was left out.

    >>> len(shortened("x" * 4000)), "6,000 characters left out" in shortened("x" * 10_000)
    (4000, True)
    """
    if len(text) <= LONGEST:
        return text
    left_out = wording.count(len(text) - BEGINNING - END)
    return f"{text[:BEGINNING]}\n[… {left_out} characters left out …]\n{text[-END:]}"


def _entry(story: Story, *, head: str) -> ItemEntry:
    item = story.item
    prompt = item.prompt[len(head) :]
    preview = wording.one_line(prompt[: 4 * PREVIEW]).removeprefix("Question: ")
    return ItemEntry(
        key=f"{wording.one_line(item.task)}-{item.document_id}",
        domain=wording.title(story.domain),
        task=wording.one_line(item.task),
        transition=story.transition,
        outcomes="".join(_outcome(value) for value in story.outcomes),
        failure=str(story.format_class),
        preview=preview[:PREVIEW],
        head=shortened(head),
        prompt=shortened(prompt),
        gold=shortened(item.gold),
        choices=tuple(shortened(choice) for choice in item.choices),
        before=shortened(story.before.answer),
        after=shortened(story.after.answer),
        before_read=shortened(story.before.extracted or ""),
        after_read=shortened(story.after.extracted or ""),
    )


def _outcome(value: float) -> str:
    if math.isnan(value):
        return "-"
    if value >= 1:
        return "1"
    return "h" if value > 0 else "0"


def _sort_key(story: Story, place: Mapping[str, int]) -> tuple[bool, int, str, int]:
    gained = story.transition is Transition.GAINED
    return (gained, place.get(story.domain, len(place)), story.item.task, story.item.document_id)


def _shared_heads(stories: Sequence[Story]) -> dict[str, str]:
    """Return by task what all its prompts begin with, cut back to a blank line."""
    prompts: dict[str, list[str]] = {}
    for story in stories:
        prompts.setdefault(story.item.task, []).append(story.item.prompt)
    return {task: _shared_head(texts) for task, texts in prompts.items()}


def _shared_head(prompts: Sequence[str]) -> str:
    if len(set(prompts)) < 2:
        return ""
    # what the first and the last in alphabetical order share, all share
    first, last = min(prompts), max(prompts)
    pairs = enumerate(zip(first, last, strict=False))
    end = next((place for place, (a, b) in pairs if a != b), min(len(first), len(last)))
    cut = first[:end].rfind("\n\n")
    return first[: cut + 2] if cut >= 0 else ""
