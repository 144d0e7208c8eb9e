"""Jobs: what one checkpoint is asked in one go, and the shards it is cut into."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forgetscope.records import Checkpoint, Request
from forgetscope.scoring import EngineConfig, Tokenizer

__all__ = ["Job", "Shard", "digest_of", "forget_oldest"]

_KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one checkpoint is asked in one go."""

    checkpoint: Checkpoint
    tokenizer: Tokenizer
    config: EngineConfig
    engine: str
    """Fingerprint of the engine that has to answer."""
    requests: tuple[Request, ...]
    """All of them: what goes through the model together is settled by all."""
    digest: str
    """Of the requests; see `digest_of`."""
    asked: frozenset[str]
    """Ids of those that have no answer yet."""
    sample_index: int = 0

    @property
    def key(self) -> tuple[str, str, EngineConfig, str, int]:
        """What tells it from every other job of a series."""
        model = self.checkpoint.fingerprint
        return (model, self.engine, self.config, self.digest, self.sample_index)


@dataclass(slots=True, kw_only=True)
class Shard:
    """Some requests of a job, for one worker."""

    job: Job
    number: int
    """From 1."""
    of: int
    """Shards of the job."""
    missing: set[str] = field(default_factory=set)
    """Ids of its requests that are not answered yet."""
    n_deaths: int = 0
    """Workers that died over it."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"shard {self.number} of {self.of} of `{self.job.checkpoint.label}`"


def digest_of(requests: Sequence[Request]) -> str:
    """Return the hex digest of requests in their order; an id covers all of a request."""
    total = hashlib.sha256()
    for request in requests:
        total.update(request.id.encode())
        total.update(b"\n")
    return total.hexdigest()


def forget_oldest(known: MutableMapping[Any, Any]) -> None:
    """Make room for one more of what several checkpoints are asked alike.

    A series has a few such lists of requests; one that is asked block by block has very many.
    """
    if len(known) >= _KEPT:
        del known[next(iter(known))]
