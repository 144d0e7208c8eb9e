"""Backends of lm-eval behind our protocol: a checkpoint in a process that ends with it.

Some backends never give back the memory of a device, so each checkpoint has a process of its own,
which ends before the next one loads. Its output is no answer of ours and goes into a file, of which
the last line is shown if it dies.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any

from forgetscope.errors import EngineError, ForgetscopeError, UnknownNameError
from forgetscope.evaluation.harness.plugin_engine import PluginEngine
from forgetscope.evaluation.harness.reading import Reading
from forgetscope.records import Answer, Checkpoint, Request
from forgetscope.scoring import (
    SERVER_BACKEND,
    Engine,
    EngineConfig,
    Tokenizer,
    Turns,
    backend_for,
    chunks_of,
    describe_engine,
    engine_fingerprint,
    is_plugin,
    open_engine,
)
from forgetscope.scoring.config import SIGHTED_BACKENDS
from forgetscope.scoring.engine import check_text

__all__ = ["BackendEngine", "open_any_engine"]

_CHILD = "forgetscope.evaluation.harness.backend_process"
_END_SECONDS = 30.0
"""For a backend to end by itself once nobody asks any more."""
_LONGEST_REASON = 300


def open_any_engine(
    checkpoint: Checkpoint,
    tokenizer: Tokenizer,
    config: EngineConfig,
    *,
    turns: Turns | None = None,
) -> Engine:
    """Load a checkpoint into the engine that is configured.

    Parameters
    ----------
    turns
        Keeps the base in memory on which adapters take turns; backends of lm-eval do not.

    Raises
    ------
    UnknownNameError
        If lm-eval has no such backend, or no package such an engine.
    PluginError
        If the engine of another package cannot be loaded or opened.
    ForgetscopeError
        What loading raises; see `scoring.open_engine`.
    """
    backend = backend_for(checkpoint, config)
    if is_plugin(config.name):
        return PluginEngine(checkpoint, tokenizer, config)
    if backend is None:
        return open_engine(checkpoint, tokenizer, config, turns=turns)
    if backend == SERVER_BACKEND:
        # imported late: it loads lm-eval
        from forgetscope.evaluation.harness.server import open_server

        return open_server(checkpoint, tokenizer, config)
    from lm_eval.models import MODEL_MAPPING

    if backend not in MODEL_MAPPING:
        raise UnknownNameError("lm-eval backend", backend, known=MODEL_MAPPING)
    return BackendEngine(checkpoint, tokenizer, config, backend=backend)


class BackendEngine:
    """A checkpoint in a process of its own that answers as a backend of lm-eval does.

    Parameters
    ----------
    checkpoint
        What is asked.
    tokenizer
        Its tokenizer, which counts tokens here.
    config
        How it is run.
    backend
        What lm-eval calls the backend.
    """

    notes = ()

    def __init__(
        self, checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig, *, backend: str
    ) -> None:
        self._name = checkpoint.label
        self._backend = backend
        self.fingerprint = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
        description = describe_engine(tokenizer, config, checkpoint=checkpoint)
        self._reading = Reading(tokenizer, max_length=int(description["max_length"]))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self._line, end = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", _CHILD, str(end.fileno())],
            pass_fds=[end.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,  # Ctrl-C is for us, and its own children end with it
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        end.close()
        self._close = weakref.finalize(self, _end, self._process, self._line, self._said)
        self._ask((backend, checkpoint, config))

    def close(self) -> None:
        """End the process, and with it free all memory."""
        self._close()

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield one answer per request, chunk by chunk; see `Engine`.

        Raises
        ------
        EngineError
            If the backend fails or answers no numbers.
        """
        if self._backend not in SIGHTED_BACKENDS:
            check_text(requests, name=self._name)
        for chunk in chunks_of(requests, backend=self._backend):
            if all(request.id in answered for request in chunk):
                continue
            given = self._ask((chunk, sample_index))
            for request, value in zip(chunk, given, strict=True):
                answer = self._reading.answer(request, value)
                yield replace(answer, sample_index=sample_index)

    def _ask(self, question: object) -> Any:  # noqa: ANN401  as lm-eval says it
        """Return what the process answers; what it raises is raised here."""
        try:
            self._line.send(question)
            found = self._line.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if isinstance(found, ForgetscopeError):
            raise found
        return found

    def _died(self) -> EngineError:
        code = self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        last = lines[-1].strip()[:_LONGEST_REASON] if lines else "it said nothing"
        return EngineError(
            f"the process in which `{self._backend}` ran `{self._name}` ended with code {code}: "
            f"{last}",
            hint="often memory: use a smaller `--dtype`; what was answered is kept, and the same"
            " command goes on",
        )


def _end(process: subprocess.Popen[bytes], line: Connection, said: IO[bytes]) -> None:
    """Wait until a process has freed what it held."""
    line.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # and whoever it left behind
    process.wait()
    said.close()
