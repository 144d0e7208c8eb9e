"""The items of a report as a page to read: which they are, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Change, Story, Transition
from forgetscope.report import wording
from forgetscope.report.entry import ItemEntry, entry_of, shortened
from forgetscope.report.packing import TURNS, PackedItems

__all__ = ["ItemEntry", "ItemPage", "Tab", "held_back", "item_page", "shortened", "tabs_of"]

_LOOKS = {
    Transition.LOST: ("▼", "loss", "Lost"),
    Transition.GAINED: ("▲", "gain", "Gained"),
    Transition.UNSOLVED: ("○", "held", "Unsolved"),
    Transition.RETAINED: ("●", "held", "Retained"),
}


EVERY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One choice of items: those that share what became of them."""

    place: int
    """Place in `packing.TURNS`; `EVERY` for items of any kind."""
    word: str
    glyph: str
    tone: str
    """Name of a colour in `theme.TOKENS`."""
    count: str
    """Items of it in the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Items of the last comparison, lost ones first."""

    entries: tuple[ItemEntry, ...]
    n_lost: int
    n_gained: int
    """Items that changed sides, in this page or not."""
    checkpoints: tuple[str, ...]
    """Name of each checkpoint, the base first, in the order of `outcomes`."""
    tabs: tuple[Tab, ...]
    notice: str
    """What is not in the page and where it lies; empty where nothing is missing."""
    withheld: str
    """What was taken out of the items; empty where nothing was."""
    packed: PackedItems | None = None
    """What the page holds, once it is known to fit; see `embedding.fitted`."""
    warning: str = ""
    """What the one who wrote the page should know of its size; empty where nothing is."""


def item_page(
    stories: Sequence[Story],
    *,
    order: Sequence[str],
    checkpoints: Sequence[str],
    changes: Sequence[Change] = (),
) -> ItemPage | None:
    """Return the page of the items; `None` where none changed and none is to be read.

    Parameters
    ----------
    stories
        The items to be read.
    order
        Domains (slugs) as the page has them.
    checkpoints
        Name of each checkpoint, the base first.
    changes
        Every item that changed; some may have no story.
    """
    if not stories and not changes:
        return None
    place = {slug: index for index, slug in enumerate(order)}
    heads = _shared_heads(stories)
    told = sorted(stories, key=lambda story: _sort_key(story, place))
    entries = tuple(entry_of(story, head=heads[story.item.task]) for story in told)
    turns = Counter(entry.transition for entry in entries)
    changed = Counter(change.transition for change in changes)
    n_lost, n_gained = (
        max(turns[turn], changed[turn]) for turn in (Transition.LOST, Transition.GAINED)
    )
    is_redacted = any(story.is_redacted for story in stories)
    return ItemPage(
        entries=entries,
        n_lost=n_lost,
        n_gained=n_gained,
        checkpoints=tuple(checkpoints),
        tabs=tabs_of(entries),
        notice=held_back(entries, n_lost=n_lost, n_gained=n_gained),
        withheld="Prompts, options and right answers are withheld." if is_redacted else "",
    )


def tabs_of(entries: Sequence[ItemEntry]) -> tuple[Tab, ...]:
    """Return the choices a reader has among these items; lost and gained stand even if empty."""
    turns = Counter(entry.transition for entry in entries)
    always = (Transition.LOST, Transition.GAINED)
    every = Tab(place=EVERY, glyph="", tone="held", word="All", count=wording.count(len(entries)))
    kinds = (
        Tab(
            place=TURNS.index(turn),
            glyph=glyph,
            tone=tone,
            word=word,
            count=wording.count(turns[turn]),
        )
        for turn, (glyph, tone, word) in _LOOKS.items()
        if turns[turn] or turn in always
    )
    return (*kinds, every)


def held_back(entries: Sequence[ItemEntry], *, n_lost: int, n_gained: int) -> str:
    """Return which changed items the page does not hold, as sentences; empty where it has all."""
    turns = Counter(entry.transition for entry in entries)
    missing = {
        "lost": n_lost - turns[Transition.LOST],
        "gained": n_gained - turns[Transition.GAINED],
    }
    parts = [f"{wording.count(n)} {word}" for word, n in missing.items() if n]
    if not parts:
        return ""
    return f"Not in this page: {' and '.join(parts)} items. items.parquet beside it holds them all."


def _sort_key(story: Story, place: Mapping[str, int]) -> tuple[int, int, str, int]:
    turn = TURNS.index(story.transition)
    return (turn, place.get(story.domain, len(place)), story.item.task, story.item.document_id)


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
