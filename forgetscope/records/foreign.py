"""Text that came from outside (names, prompts, answers), with nothing in it that could hide."""

from __future__ import annotations

import re

__all__ = ["clean"]

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # invisible fillers and joiners
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"  # lone surrogates, tags and variation selectors
)
_SHORT_NAMES = {
    "\x00": "NUL",
    "\x07": "BEL",
    "\x08": "BS",
    "\r": "CR",
    "\x1b": "ESC",
    "\x7f": "DEL",
}


def clean(text: str) -> str:
    r"""Make every character visible that could hide, move or colour text.

    Control characters but newline and tab, zero-width and direction controls and lone surrogates
    become bracketed names.

    >>> clean("a\x1b[2Jb\u202ec")
    'a[ESC][2Jb[U+202E]c'
    """
    unix = text.replace("\r\n", "\n")
    return _HIDDEN.sub(lambda found: f"[{_hidden_name(found.group())}]", unix)


def _hidden_name(character: str) -> str:
    return _SHORT_NAMES.get(character, f"U+{ord(character):04X}")
