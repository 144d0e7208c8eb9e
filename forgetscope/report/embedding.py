"""Keep the page small enough to be opened: fewer items, said in words, rather than a dead tab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from forgetscope.records import Transition
from forgetscope.report.entry import ItemEntry
from forgetscope.report.packing import pack_items
from forgetscope.report.reading import ItemPage, held_back, tabs_of

__all__ = ["LARGEST_BYTES", "LARGE_BYTES", "fitted"]

LARGE_BYTES, LARGEST_BYTES = 25_000_000, 50_000_000
"""Packed items above which the page opens slowly, and above which it holds fewer of them."""

_CHANGED = frozenset({Transition.LOST, Transition.GAINED})


def fitted(page: ItemPage, *, largest: int = LARGEST_BYTES, large: int = LARGE_BYTES) -> ItemPage:
    """Return the page with as many of its items packed as fit: all, the changed, the lost, or none.

    A page that is packed already stays as it is.
    """
    if page.packed is not None:
        return page
    whole = pack_items(page.entries, checkpoints=page.checkpoints)
    if whole.n_bytes <= largest:
        return replace(page, packed=whole, warning=_large(whole.n_bytes, large))
    tries = (
        (word, kept, pack_items(kept, checkpoints=page.checkpoints))
        for word, kept in _smaller(page)
    )
    word, kept, packed = next(
        (word, kept, packed)
        for word, kept, packed in tries
        if packed.n_bytes <= largest or not kept
    )
    cut = (
        f"All items that were asked for take {_megabytes(whole.n_bytes)}, more than the "
        f"{_megabytes(largest)} a page may have: it holds {word}."
    )
    missing = held_back(kept, n_lost=page.n_lost, n_gained=page.n_gained)
    notice = f"{cut} {missing or 'items.parquet beside it holds them all.'}"
    return replace(
        page, entries=kept, packed=packed, tabs=tabs_of(kept), notice=notice, warning=cut
    )


def _smaller(page: ItemPage) -> Iterator[tuple[str, tuple[ItemEntry, ...]]]:
    """Yield fewer and fewer items, with their name."""
    for word, turns in (
        ("the changed ones", _CHANGED),
        ("the lost ones", frozenset({Transition.LOST})),
        ("none of them", frozenset()),
    ):
        kept = tuple(entry for entry in page.entries if entry.transition in turns)
        if len(kept) < len(page.entries):
            yield word, kept


def _large(n_bytes: int, large: int) -> str:
    if n_bytes <= large:
        return ""
    return (
        f"the items alone take {_megabytes(n_bytes)} of report.html, which opens slowly; "
        "`--embed lost` or `--embed none` makes it smaller"
    )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1_000_000:.1f} MB".replace(".0 MB", " MB")
