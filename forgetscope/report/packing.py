"""Items inside the page: compressed blocks that no text can escape from.

Prompts and answers are hostile until proved otherwise. They travel as gzip in base64, whose
alphabet holds neither a bracket nor a quote, and are unpacked when a reader opens them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from forgetscope.records import Transition
from forgetscope.report.entry import ItemEntry, OptionLine

__all__ = ["BLOCK_ITEMS", "TURNS", "PackedItems", "pack_items", "unpack"]

BLOCK_ITEMS = 128
"""Items whose texts share one block."""

TURNS = (Transition.LOST, Transition.GAINED, Transition.UNSOLVED, Transition.RETAINED)
"""What may have become of an item, in the order of the page; the index holds its place here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedItems:
    """The items of a report as base64 text."""

    index: str
    """Names and one short row per item: what the list and its filters need."""
    blocks: tuple[str, ...]
    """Texts of `BLOCK_ITEMS` items each, in the order of the index."""

    @property
    def n_bytes(self) -> int:
        """What it adds to the page."""
        return len(self.index) + sum(map(len, self.blocks))


def pack_items(entries: Sequence[ItemEntry], *, checkpoints: Sequence[str]) -> PackedItems:
    """Return items packed, in the given order; equal items give equal text.

    Parameters
    ----------
    entries
        The items.
    checkpoints
        Name of each checkpoint, in the order of the outcomes of an item.
    """
    names = _Names(entries)
    index = {
        "checkpoints": list(checkpoints),
        "domains": names.domains.words,
        "tasks": names.tasks.words,
        "failures": names.failures.words,
        "heads": names.heads.words,
        "blockItems": BLOCK_ITEMS,
        "rows": [names.row(entry) for entry in entries],
    }
    starts = range(0, len(entries), BLOCK_ITEMS)
    blocks = [[_texts(entry) for entry in entries[at : at + BLOCK_ITEMS]] for at in starts]
    return PackedItems(index=_pack(index), blocks=tuple(_pack(block) for block in blocks))


def unpack(block: str) -> object:
    """Return what was packed: the inverse that the page has in its script."""
    return json.loads(gzip.decompress(base64.b64decode(block)))


class _Numbered:
    """Words that repeat, written once and referred to by number."""

    def __init__(self, words: Iterable[Hashable]) -> None:
        self._place = {word: place for place, word in enumerate(dict.fromkeys(words))}
        self.words = list(self._place)

    def __getitem__(self, word: Hashable) -> int:
        return self._place[word]


class _Names:
    def __init__(self, entries: Sequence[ItemEntry]) -> None:
        self.domains = _Numbered(entry.domain for entry in entries)
        self.tasks = _Numbered(entry.task for entry in entries)
        # form first, so that the choice of failures groups as the bar of causes does
        failures = sorted({(not e.is_form, e.failure) for e in entries if e.failure})
        self.failures = _Numbered((word, int(not is_answer)) for is_answer, word in failures)
        self.heads = _Numbered(entry.head for entry in entries)

    def row(self, entry: ItemEntry) -> list[str | int]:
        return [
            entry.key,
            self.domains[entry.domain],
            self.tasks[entry.task],
            TURNS.index(entry.transition),
            entry.outcomes,
            self.failures[entry.failure, int(entry.is_form)] if entry.failure else -1,
            entry.preview,
            self.heads[entry.head],
        ]


def _texts(entry: ItemEntry) -> list[object]:
    return [
        entry.prompt,
        entry.gold,
        [_option(line) for line in entry.options],
        entry.before,
        entry.after,
        entry.before_read,
        entry.after_read,
    ]


def _option(line: OptionLine) -> list[str | int]:
    flags = [int(is_so) for is_so in (line.is_gold, line.was_chosen, line.is_chosen)]
    return [line.text, line.before, line.after, *flags]


def _pack(content: object) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    # mtime=0: equal input gives equal bytes
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")
