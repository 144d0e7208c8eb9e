"""Texts with a size limit: whole blocks while they fit, and a word about the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["COMMENT_BYTES", "fitted"]

COMMENT_BYTES = 64_000
"""What fits a comment on a pull request (65,536 characters) with room for a line around it."""


def fitted(blocks: Sequence[str], *, limit: int, more: Callable[[int], str]) -> str:
    r"""Return the first blocks, each whole, in at most `limit` bytes of UTF-8.

    Parameters
    ----------
    blocks
        Texts that are put one behind the other.
    limit
        Bytes of the result.
    more
        What to write in place of so many blocks that were left out.

    >>> fitted(["one\n", "two\n", "three\n"], limit=8, more=lambda n: f"+{n}\n")
    'one\n+2\n'
    """
    kept: list[str] = []
    size = 0
    for place, block in enumerate(blocks):
        n_left = len(blocks) - place - 1
        size += _size(block)
        if size + (_size(more(n_left)) if n_left else 0) > limit:
            return "".join(kept) + more(n_left + 1)
        kept.append(block)
    return "".join(kept)


def _size(text: str) -> int:
    return len(text.encode("utf-8"))
