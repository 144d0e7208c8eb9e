"""Executors: where the engines of checkpoints run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol

from forgetscope.evaluation.executor.config import ExecutorConfig
from forgetscope.evaluation.executor.crew import Crew
from forgetscope.evaluation.executor.dispatch import Dispatcher
from forgetscope.evaluation.executor.job import Job, digest_of
from forgetscope.evaluation.harness import open_any_engine
from forgetscope.records import Answer, Checkpoint, Request
from forgetscope.scoring import (
    Engine,
    EngineConfig,
    Tokenizer,
    Turns,
    engine_fingerprint,
    read_ahead,
)

__all__ = ["Executor", "LocalExecutor", "RemoteExecutor", "open_executor"]


class Executor(Protocol):
    """Opens engines; what they answer does not depend on where they run."""

    @property
    def looks_ahead(self) -> bool:
        """Whether it can begin what is expected while something else is answered."""

    def expect(self, jobs: Iterable[Job]) -> None:
        """Take note of what will be asked, in this order."""

    def read_next(self, checkpoint: Checkpoint) -> None:
        """Take note of what is probably opened after the next one."""

    def open(self, checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> Engine:
        """Make a checkpoint ready to answer."""


class LocalExecutor:
    """Everything in this process, one model at a time in memory."""

    looks_ahead = False

    def __init__(self) -> None:
        self.turns = Turns()
        """Checkpoints of one architecture, and adapters of one base, take turns on one model."""
        self._next: Checkpoint | None = None

    def expect(self, jobs: Iterable[Job]) -> None:
        """Do nothing: there is nobody to begin."""

    def open(self, checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> Engine:
        """Load a checkpoint, and let the files of the one after it be read meanwhile."""
        engine = open_any_engine(checkpoint, tokenizer, config, turns=self.turns)
        if self._next is not None and self._next != checkpoint:
            read_ahead(self._next)
            self._next = None
        return engine

    def read_next(self, checkpoint: Checkpoint) -> None:
        """Read the files of a checkpoint once another one is opened."""
        self._next = checkpoint


class RemoteExecutor:
    """Engines whose answers a crew computes.

    Parameters
    ----------
    start
        Starts the crew; called when the first answer is missing, for it takes seconds.
    shard_tokens
        What a shard should cost at least.
    """

    looks_ahead = True

    def __init__(self, start: Callable[[], Crew], *, shard_tokens: int) -> None:
        self._start = start
        self._shard_tokens = shard_tokens
        self._expected: tuple[Job, ...] = ()
        self._dispatcher: Dispatcher | None = None

    def expect(self, jobs: Iterable[Job]) -> None:
        """Let workers begin a job when no earlier one needs them."""
        self._expected = tuple(jobs)

    def read_next(self, checkpoint: Checkpoint) -> None:
        """Do nothing: workers have their own memory."""

    def open(self, checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> Engine:
        """Return an engine of which no weights are in this process."""
        if self._dispatcher is None:
            self._dispatcher = Dispatcher(self._start(), shard_tokens=self._shard_tokens)
            self._dispatcher.expect(self._expected)
        return _RemoteEngine(self._dispatcher, checkpoint, tokenizer, config)


class _RemoteEngine:
    """A checkpoint that workers load."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        config: EngineConfig,
    ) -> None:
        self._dispatcher = dispatcher
        self._checkpoint = checkpoint
        self._tokenizer = tokenizer
        self._config = config
        self.fingerprint = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the answers so far were computed."""
        return self._dispatcher.notes(self._checkpoint.fingerprint)

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield an answer to every request that has none; see `Engine`."""
        job = Job(
            checkpoint=self._checkpoint,
            tokenizer=self._tokenizer,
            config=self._config,
            engine=self.fingerprint,
            requests=tuple(requests),
            digest=digest_of(requests),
            asked=frozenset(r.id for r in requests if r.id not in answered),
            sample_index=sample_index,
        )
        yield from self._dispatcher.answers(job)


@contextmanager
def open_executor(config: ExecutorConfig, *, device: str = "auto") -> Iterator[Executor]:
    """Open where answers are computed, and close it after this block.

    Parameters
    ----------
    device
        What checkpoints are to run on; see `EngineConfig`.
    """
    if config.name == "local":
        yield LocalExecutor()
        return
    # imported late: ray is an extra
    from forgetscope.evaluation.executor.cluster import ray_crew

    with ExitStack() as stack:
        yield RemoteExecutor(
            lambda: stack.enter_context(ray_crew(config, device=device)),
            shard_tokens=config.shard_tokens,
        )
