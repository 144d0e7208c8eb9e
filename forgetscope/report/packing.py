"""Items inside the page: compressed blocks that no text can escape from.

Prompts and answers are hostile until proved otherwise. They travel as gzip in base64, whose
alphabet holds neither a bracket nor a quote, and are unpacked when a reader opens them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forgetscope.records import Transition
from forgetscope.report.reading import ItemEntry, ItemPage

__all__ = ["BLOCK_ITEMS", "PackedItems", "pack_items", "unpack"]

BLOCK_ITEMS = 128
"""Items whose texts share one block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedItems:
    """The items of a report as base64 text."""

    index: str
    """Names and one short row per item: what the list and its filters need."""
    blocks: tuple[str, ...]
    """Texts of `BLOCK_ITEMS` items each, in the order of the index."""


def pack_items(page: ItemPage) -> PackedItems:
    """Return the items of a page, packed; equal pages give equal text."""
    entries = page.entries
    names = _Names(entries)
    index = {
        "checkpoints": page.checkpoints,
        "domains": names.domains,
        "tasks": names.tasks,
        "failures": names.failures,
        "heads": names.heads,
        "blockItems": BLOCK_ITEMS,
        "rows": [names.row(entry) for entry in entries],
    }
    starts = range(0, len(entries), BLOCK_ITEMS)
    blocks = [[_texts(entry) for entry in entries[at : at + BLOCK_ITEMS]] for at in starts]
    return PackedItems(index=_pack(index), blocks=tuple(_pack(block) for block in blocks))


def unpack(block: str) -> object:
    """Return what was packed: the inverse that the page has in its script."""
    return json.loads(gzip.decompress(base64.b64decode(block)))


class _Names:
    """Words that repeat, written once and referred to by number."""

    def __init__(self, entries: Sequence[ItemEntry]) -> None:
        self.domains = _distinct(entry.domain for entry in entries)
        self.tasks = _distinct(entry.task for entry in entries)
        self.failures = _distinct(entry.failure for entry in entries)
        self.heads = _distinct(entry.head for entry in entries)

    def row(self, entry: ItemEntry) -> list[str | int]:
        return [
            entry.key,
            self.domains.index(entry.domain),
            self.tasks.index(entry.task),
            int(entry.transition is Transition.LOST),
            entry.outcomes,
            self.failures.index(entry.failure),
            entry.preview,
            self.heads.index(entry.head),
        ]


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _texts(entry: ItemEntry) -> list[str | tuple[str, ...]]:
    return [
        entry.prompt,
        entry.gold,
        entry.choices,
        entry.before,
        entry.after,
        entry.before_read,
        entry.after_read,
    ]


def _pack(content: object) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    # mtime=0: equal input gives equal bytes
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")
