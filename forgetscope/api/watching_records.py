"""How folders are watched, what is known of an arrival, and the news of each checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forgetscope.errors import UsageError
from forgetscope.scoring import Stamp

__all__ = ["Seen", "Watched", "WatchedState", "Watching"]


class WatchedState(StrEnum):
    """What became of a checkpoint."""

    DONE = "done"
    RETRY = "retry"
    """It failed, and is tried again."""
    WAITING = "waiting"
    """It is not whole, and has not changed for long."""
    FAILED = "failed"
    """It was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """News of one checkpoint."""

    label: str
    step: int | None
    state: WatchedState
    computed: int = 0
    """Answers computed now."""
    kept: int = 0
    """Answers that the study had already."""
    seconds: float = 0.0
    """Time that it took."""
    is_base: bool = False
    forgot: tuple[str, ...] = ()
    """Domains that are FORGOT, by slug."""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    """Verdict of every domain against the base."""
    reason: str = ""
    """Why it is not done; empty otherwise."""
    notes: tuple[str, ...] = ()
    """What the evaluation had to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How folders are watched."""

    until: int | None = None
    """End when a checkpoint of this step or a later one is evaluated."""
    idle_seconds: float | None = None
    """End when nothing happened for so long."""
    every_seconds: float = 10.0
    """Time between two looks."""
    margin: float | None = None
    """Largest loss that counts as held; `None`: 0.02."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    """Seconds since any time."""

    def __post_init__(self) -> None:
        if self.every_seconds <= 0:
            raise UsageError(f"two looks need time between them: {self.every_seconds} seconds")
        if self.idle_seconds is not None and self.idle_seconds <= 0:
            raise UsageError(f"idle means more than {self.idle_seconds} seconds")


@dataclass(slots=True)
class Seen:
    """What is known of one arrival."""

    stamp: Stamp
    n_looks: int = 1
    """For how many looks it has not changed."""
    n_failed: int = 0
    not_before: float = 0.0
    is_settled: bool = False
    is_failed: bool = False
    reason: str = ""
