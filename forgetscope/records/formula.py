"""What a spreadsheet takes for a formula."""

from __future__ import annotations

import re

__all__ = ["begins_like_formula"]

# the full-width signs are formulas where East Asian text is read; some programs skip what is blank
_FORMULA = re.compile("[\\s\x00-\x20\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def begins_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run a text that stands in a cell.

    >>> [begins_like_formula(text) for text in ("=1+1", " @x", "a=b", "\uff1d1")]
    [True, True, False, True]
    """
    return _FORMULA.match(text) is not None
