"""Crews: workers that answer shards, wherever they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from forgetscope.errors import ForgetscopeError
from forgetscope.evaluation.executor.job import Shard
from forgetscope.records import Answer

__all__ = ["Crew", "Died", "Event", "Failed", "Finished", "Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Some answers of a shard, as they were ready."""

    worker: int
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()
    """What a person should know of how they were computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A worker has answered all of its shard."""

    worker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """A worker died over its shard; another has taken its place and is idle."""

    worker: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The engine of a worker refused to go on; the worker lives and is idle."""

    worker: int
    error: ForgetscopeError


Event: TypeAlias = Reply | Finished | Died | Failed


class Crew(Protocol):
    """Workers with places from 0 on, each with one shard at a time."""

    @property
    def size(self) -> int:
        """Workers."""

    def start(self, worker: int, shard: Shard) -> None:
        """Give an idle worker a shard."""

    def wait(self) -> Sequence[Event]:
        """Wait until workers have something to tell."""
