"""Lines of results on stdout, whole and in characters that the stream can show."""

from __future__ import annotations

import sys
from collections.abc import Iterable

__all__ = ["print_lines"]

_PLAIN = str.maketrans(
    {
        "−": "-",
        "±": "+-",
        "–": "-",
        "∞": "inf",
        "▼": "v",
        "▽": "!",
        "●": "=",
        "▲": "^",
        "◇": "?",
        "∅": "x",
    }
)


def print_lines(lines: Iterable[str]) -> None:
    """Print one line each, however wide the terminal is; in ASCII where it must be."""
    is_wide = (sys.stdout.encoding or "").lower().startswith("utf")
    for line in lines:
        print(line if is_wide else line.translate(_PLAIN))
