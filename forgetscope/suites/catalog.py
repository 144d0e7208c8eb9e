"""The catalog: what is known about official tasks before lm-eval is asked."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from forgetscope.records import UNBOUNDED_METRICS, OutputType, Purpose, Role

__all__ = [
    "FLAGS",
    "UNFIT",
    "CatalogEntry",
    "catalog",
    "known_items",
    "look_up",
    "n_leaves",
    "nominal_chance",
]

FLAGS = MappingProxyType(
    {
        "unsafe_code": "runs code that the model writes",
        "code_eval": "runs that code within limits where `--allow-code` allows it",
        "images": "shows the model images",
        "tokenizer": "makes its texts with a tokenizer that it loads with leave to run code",
        "corpus": "its score is computed from all items at once, so items cannot be compared",
        "gated": "its data may ask for an account that accepted their terms",
        "network": "fetches more than its data when it runs",
        "extra": "needs further software",
        "sampled": "draws its answers at random by itself",
        "script": "its data come from a script, which is refused",
    }
)
"""What can keep a task from running here, or makes it special."""
UNFIT = ("unsafe_code", "images", "tokenizer", "corpus")
"""Flags of tasks that are not run here; `code_eval` beside `unsafe_code` is the one exception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """What is known about the tasks whose names fit one of the patterns."""

    match: tuple[str, ...]
    folder: str
    """Folder of the task files below lm-eval's own `tasks`."""
    home: str | None = None
    """Folder of the file that defines the group, where its tasks lie elsewhere."""
    domain: str
    metric: str
    filter: str = "none"
    partner: str | None = None
    chance: float | None = None
    """`None`: one over the number of options, item by item; 0 for generation."""
    nominal: float | None = None
    """Score of a guesser on most items, a share; told, never reckoned with."""
    cluster: str | None = None
    """Field of the document that names its source."""
    purpose: Purpose = Purpose.DEV
    role: Role = Role.GENERAL
    flags: tuple[str, ...] = ()
    """Of `FLAGS`."""
    needs: str = ""
    """Software beyond what forgetscope itself needs; empty for none."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders of all files that define its tasks and groups."""
        return (self.folder,) if self.home is None else (self.home, self.folder)


@cache
def catalog() -> tuple[CatalogEntry, ...]:
    """Return the catalog in the order in which it is searched."""
    return tuple(_entry(entry) for entry in _content()["entry"])


def look_up(name: str) -> CatalogEntry | None:
    """Return the first entry that fits the name of a task or group, or `None`."""
    for entry in catalog():
        if any(fnmatchcase(name, pattern) for pattern in entry.match):
            return entry
    return None


def n_leaves(name: str) -> int:
    """Return how many tasks stand behind a name; 1 for what is no known group."""
    return int(_content()["leaves"].get(name, 1))


def known_items(name: str) -> int | None:
    """Return the number of items of a whole official task; `None` where it was not verified."""
    found = _content()["items"].get(name)
    return None if found is None else int(found)


@cache
def _content() -> dict[str, Any]:
    text = files("forgetscope.suites").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _entry(content: dict[str, Any]) -> CatalogEntry:
    changes = {
        "match": tuple(content["match"]),
        "flags": tuple(content.get("flags", ())),
        "purpose": Purpose(content.get("purpose", Purpose.DEV)),
        "role": Role(content.get("role", Role.GENERAL)),
    }
    return CatalogEntry(**{**content, **changes})


def nominal_chance(entry: CatalogEntry | None, output_type: OutputType, metric: str) -> float:
    """Return the nominal chance level; nan where each item has its own, or none has."""
    if entry is not None and entry.chance is not None:
        return entry.chance
    if output_type is OutputType.MULTIPLE_CHOICE or metric in UNBOUNDED_METRICS:
        return math.nan
    return 0.0
