"""Names that every file system takes."""

from __future__ import annotations

import re

__all__ = ["portable"]

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9]|data)(\..*)?")


def portable(name: str) -> str:
    """Return a name that is no path, is not reserved anywhere, and can be printed.

    >>> portable("a/b:c. "), portable(".."), portable("NUL.txt")
    ('a_b_c', '_', '_NUL.txt')
    """
    text = "".join(c if c.isprintable() else "_" for c in _REFUSED.sub("_", name))
    text = text.rstrip(". ")[:120].rstrip(". ") or "_"
    return f"_{text}" if _RESERVED.fullmatch(text) or text.startswith(".") else text
