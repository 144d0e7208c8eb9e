"""A worker: holds one checkpoint at a time and answers shards, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from forgetscope.errors import EngineError
from forgetscope.evaluation.batches import in_batches
from forgetscope.evaluation.harness import open_any_engine
from forgetscope.records import Answer, Checkpoint, Request
from forgetscope.scoring import (
    Engine,
    EngineConfig,
    Turns,
    check_weights,
    open_tokenizer,
)

__all__ = ["Question", "Worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who is asked, and how; what is asked comes beside it."""

    checkpoint: Checkpoint
    config: EngineConfig
    engine: str
    """Fingerprint of the engine that has to answer."""
    sample_index: int


class Worker:
    """Answers shards.

    Parameters
    ----------
    folder
        Where whoever asks was started, so that checkpoints are found by the same names.
    n_threads
        Threads of a computation.
    """

    def __init__(self, *, folder: str, n_threads: int) -> None:
        import torch

        with contextlib.suppress(OSError):  # another machine finds absolute paths all the same
            os.chdir(folder)
        torch.set_num_threads(n_threads)
        self._engine: Engine | None = None
        self._turns = Turns()
        self._opened: tuple[Checkpoint, EngineConfig] | None = None

    def answer(
        self, question: Question, requests: Sequence[Request], asked: Collection[str]
    ) -> Iterator[tuple[tuple[Answer, ...], tuple[str, ...]]]:
        """Yield answers as they are ready, and what is to be known of them.

        All requests go to the engine, as in a run without workers: what is not `asked` counts as
        answered, so passes and digits are those of one process.

        Raises
        ------
        ForgetscopeError
            What the engine raises, or that it is another one than was asked for.
        """
        engine = self._ready(question)
        answered = {request.id for request in requests if request.id not in asked}
        coming = engine.answer(requests, answered=answered, sample_index=question.sample_index)
        for answers in in_batches(coming):
            yield tuple(answers), engine.notes

    def _ready(self, question: Question) -> Engine:
        wanted = (question.checkpoint, question.config)
        if self._engine is None or self._opened != wanted:
            self._engine = None  # one at a time is in memory
            check_weights(question.checkpoint)
            tokenizer = open_tokenizer(question.checkpoint)
            self._engine = open_any_engine(
                question.checkpoint, tokenizer, question.config, turns=self._turns
            )
            self._opened = wanted
        if self._engine.fingerprint != question.engine:
            raise EngineError(
                f"a worker on `{platform.node()}` would answer for"
                f" `{question.checkpoint.label}` otherwise than this machine says",
                hint="install the same versions of torch and transformers everywhere, and let all"
                " machines see the same files",
            )
        return self._engine
