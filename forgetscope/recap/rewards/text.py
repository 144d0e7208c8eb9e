"""Read an answer out of a completion, in time that grows with its length alone.

What a model writes is hostile text: it may be a megabyte of unclosed tags. Nothing here goes back
over what it has read.
"""

from __future__ import annotations

import unicodedata

__all__ = ["final_answer", "last_line", "plain", "shown", "tagged"]

_SHOWN = 80


def tagged(text: str, tag: str = "answer") -> str | None:
    """Return what stands in the last closed `<tag>`, or `None` if there is none.

    >>> tagged("<answer>4</answer>, no, <answer> 5 </answer>")
    '5'
    """
    end = text.rfind(f"</{tag}>")
    start = text.rfind(f"<{tag}>", 0, max(end, 0))
    return None if start < 0 else text[start + len(tag) + 2 : end].strip()


def last_line(text: str) -> str:
    r"""Return the last line that is not blank.

    >>> last_line("so it is\n 7 \n")
    '7'
    """
    stripped = text.rstrip()
    return stripped[stripped.rfind("\n") + 1 :].strip()


def final_answer(text: str) -> str:
    """Return what stands in the last `<answer>`, or the whole text without tags."""
    inside = tagged(text)
    return text.strip() if inside is None else inside


def plain(text: str) -> str:
    r"""Return a text as exact match compares it: case, width and white space do not count.

    >>> plain("  Mount\n Everest. ")
    'mount everest'
    """
    words = unicodedata.normalize("NFKC", text).casefold().split()
    return " ".join(words).removesuffix(".")


def shown(text: str) -> str:
    """Return a text as an error shows it: short, and with nothing a terminal obeys."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return ascii(cut) if not cut.isprintable() else f"`{cut}`"
