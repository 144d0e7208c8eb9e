"""The catalog: what is known about official tasks before lm-eval is asked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

__all__ = ["CatalogEntry", "catalog", "look_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """What is known about the tasks whose names fit one of the patterns."""

    match: tuple[str, ...]
    folder: str
    """Folder of the task files below lm-eval's own `tasks`."""
    domain: str
    metric: str
    filter: str = "none"
    partner: str | None = None
    chance: float | None = None
    """`None`: one over the number of options, item by item; 0 for generation."""
    cluster: str | None = None
    """Field of the document that names its source."""


@cache
def catalog() -> tuple[CatalogEntry, ...]:
    """Return the catalog in the order in which it is searched."""
    text = files("forgetscope.suites").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tuple(
        CatalogEntry(**{**entry, "match": tuple(entry["match"])})
        for entry in tomllib.loads(text)["entry"]
    )


def look_up(name: str) -> CatalogEntry | None:
    """Return the first entry that fits the name of a task or group, or `None`."""
    for entry in catalog():
        if any(fnmatchcase(name, pattern) for pattern in entry.match):
            return entry
    return None
