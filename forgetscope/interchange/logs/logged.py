"""What the log of another program says, in the words of this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forgetscope.records import Answer, Item, Request, Score, Task

__all__ = ["UNKNOWN", "Log", "LoggedItem", "LoggedTask", "Settings", "Wanted", "everything"]

UNKNOWN = "unknown"
"""Version, or prompt hash, of what the log does not tell."""

Settings = Mapping[str, str | None]
"""What must be equal where scores are compared, by what people call it; `None` where the log does
not tell."""

Wanted = Callable[[str], bool]
"""Whether the task of a name is to be read."""


def everything(_task: str) -> bool:
    """Want every task."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedItem:
    """One document of a task, what was asked of it, and what came of it; one for each sample."""

    item: Item
    """Its prompt hash is `UNKNOWN` where the log holds no prompt."""
    requests: tuple[Request, ...]
    answers: tuple[Answer, ...]
    """In the order of the requests."""
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedTask:
    """One task of a log."""

    task: Task
    settings: Settings
    place: str
    """The file it stands in, for messages."""
    items: Callable[[str], Iterator[LoggedItem]]
    """Reads its items; takes the version of the task that their ids are made of."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What one checkpoint scored, as some files tell it."""

    path: Path
    """As the person named it, or below that."""
    model: str
    """What the log calls the checkpoint."""
    harness: str
    """The program that wrote it, e.g. `lm-eval`."""
    harness_version: str | None = None
    engine: Mapping[str, str] = field(default_factory=dict)
    """What is known of how the answers were computed."""
    digests: tuple[str, ...]
    """SHA-256 of each of its files."""
    tasks: tuple[LoggedTask, ...]
