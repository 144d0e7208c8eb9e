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

from forgetscope.errors import EngineError, ForgetscopeError, UnknownNameError, UsageError
from forgetscope.evaluation.harness.plugin_engine import PluginEngine
from forgetscope.records import Answer, Checkpoint, Request, RequestKind, StopReason
from forgetscope.scoring import (
    Engine,
    EngineConfig,
    Tokenizer,
    backend_of,
    chunks_of,
    describe_engine,
    engine_fingerprint,
    is_plugin,
    open_engine,
)

__all__ = ["BackendEngine", "open_any_engine"]

_CHILD = "forgetscope.evaluation.harness.backend_process"
_END_SECONDS = 30.0
"""For a backend to end by itself once nobody asks any more."""
_LONGEST_REASON = 300
_DEFAULT = 256
"""Tokens that lm-eval lets a backend write where a request does not say."""


def open_any_engine(checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> Engine:
    """Load a checkpoint into the engine that is configured.

    Raises
    ------
    UnknownNameError
        If lm-eval has no such backend, or no package such an engine.
    PluginError
        If the engine of another package cannot be loaded or opened.
    ForgetscopeError
        What loading raises; see `scoring.open_engine`.
    """
    if is_plugin(config.name):
        return PluginEngine(checkpoint, tokenizer, config)
    backend = backend_of(config.name)
    if backend is None:
        return open_engine(checkpoint, tokenizer, config)
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
        self._tokenizer = tokenizer
        self._name = checkpoint.label
        self._backend = backend
        self.fingerprint = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
        description = describe_engine(tokenizer, config, checkpoint=checkpoint)
        self._max_length = int(description["max_length"])
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
        for chunk in chunks_of(requests):
            if all(request.id in answered for request in chunk):
                continue
            given = self._ask((chunk, sample_index))
            for request, value in zip(chunk, given, strict=True):
                yield replace(self._answer(request, value), sample_index=sample_index)

    def _answer(self, request: Request, value: Any) -> Answer:  # noqa: ANN401  as lm-eval says it
        if request.kind is RequestKind.GENERATE:
            return self._written(request, str(value))
        is_pair = request.kind is RequestKind.LOGLIKELIHOOD
        logprob, is_greedy = value if is_pair else (value, None)
        n_tokens, n_truncated = self._pair(request) if is_pair else (self._n_tokens(request), 0)
        return Answer(
            request_id=request.id,
            logprob=float(logprob),
            is_greedy=is_greedy,
            n_tokens=n_tokens,
            n_truncated=n_truncated,
        )

    def _pair(self, request: Request) -> tuple[int, int]:
        """Return the tokens of a continuation, and those cut from its context."""
        try:
            pair = self._tokenizer.encode_pair(request.context, request.continuation)
        except UsageError:  # what has no tokens for us has a number from the backend
            return 0, 0
        n_read = len(pair.context) + len(pair.continuation) - 1
        return len(pair.continuation), max(0, n_read - self._max_length)

    def _n_tokens(self, request: Request) -> int:
        return len(self._tokenizer.encode(request.context))

    def _written(self, request: Request, text: str) -> Answer:
        # backends give the text alone: its tokens are counted anew, and what has as many as it
        # may have counts as cut off
        most = _DEFAULT if request.decoding is None else request.decoding.max_new_tokens
        n_tokens = len(self._tokenizer.encode(text, add_special_tokens=False))
        return Answer(
            request_id=request.id,
            text=text,
            n_tokens=min(n_tokens, most),
            stop_reason=StopReason.LENGTH if n_tokens >= most else StopReason.STOP,
            n_truncated=max(0, self._n_tokens(request) + most - self._max_length),
        )

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
