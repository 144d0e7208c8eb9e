"""Caps: how long a generated answer may be, by the way a model answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

__all__ = ["Style", "cap_of"]


class Style(StrEnum):
    """How a model answers."""

    PLAIN = "plain"
    """It continues a text."""
    CHAT = "chat"
    """It takes its turn in a conversation."""
    THINKING = "thinking"
    """It thinks before it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cap:
    """Caps of the tasks whose names fit one of the patterns, tokens."""

    match: tuple[str, ...]
    chat: int
    thinking: int


def cap_of(name: str, style: Style) -> int | None:
    """Return the cap of an answer to a task, tokens; `None`: the task's own.

    >>> cap_of("gsm8k", Style.CHAT), cap_of("gsm8k", Style.PLAIN), cap_of("aime24", Style.THINKING)
    (2048, None, None)
    """
    if style is Style.PLAIN:
        return None
    for cap in _caps():
        if any(fnmatchcase(name, pattern) for pattern in cap.match):
            return cap.thinking if style is Style.THINKING else cap.chat
    return None


@cache
def _caps() -> tuple[_Cap, ...]:
    text = files("forgetscope.suites").joinpath("caps.toml").read_text(encoding="utf-8")
    return tuple(
        _Cap(
            match=tuple(entry["match"]),
            chat=entry["chat"],
            thinking=entry.get("thinking", entry["chat"]),
        )
        for entry in tomllib.loads(text)["cap"]
    )
