"""A second process that judges what can hang, eat memory or crash.

Formulas and puzzle answers are compared by libraries that were not written for hostile text: a
short formula can keep them busy for ever, in code that no signal interrupts. They work in a process
of their own with a bound on time and memory; one that overruns is ended, its answer is worth
nothing, and the next question gets a fresh process.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import weakref
from functools import cache
from typing import IO

from forgetscope.errors import TrainingError

__all__ = ["Referee", "Request", "referee"]

Request = tuple[object, ...]
"""`("math", gold, answer)` or `("gym", task, settings, entry, answer)`."""

_START_SECONDS = 300.0
"""For loading the libraries; a busy machine is slow."""


class Referee:
    """Judges answers in a process of its own, which starts when it is first needed.

    Parameters
    ----------
    seconds
        Time for one answer; what takes longer gets no verdict.
    """

    def __init__(self, *, seconds: float = 3.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def judge(self, request: Request) -> float | None:
        """Return the verdict, or `None` if there was none in time.

        Raises
        ------
        TrainingError
            If the process cannot judge at all, for example because a package is missing.
        """
        with self._lock:
            process = self._running()
            answer = _ask(process, request, self._seconds)
            if not answer:
                self.close()
                return None
        if answer.startswith("!"):
            raise TrainingError(f"answers cannot be judged: {answer[1:]}")
        return float(answer)

    def close(self) -> None:
        """End the process, if there is one; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        # a child that inherited the pipe by fork must not write into its parent's
        if self._process is None or self._owner != os.getpid():
            self._process, self._owner = _started(), os.getpid()
            weakref.finalize(self, _end, self._process)
        return self._process


@cache
def referee() -> Referee:
    """Return the referee that all rewards of this process share."""
    return Referee()


def _started() -> subprocess.Popen[bytes]:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    process = subprocess.Popen(
        [sys.executable, "-m", "forgetscope.recap.rewards.referee_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
    )
    if _line(process, _START_SECONDS) != "ready":
        _end(process)
        raise TrainingError("the process that judges answers does not start")
    return process


def _ask(process: subprocess.Popen[bytes], request: Request, seconds: float) -> str:
    data = pickle.dumps(request)
    try:
        stdin = _pipe(process.stdin)
        stdin.write(len(data).to_bytes(8, "big") + data)
        stdin.flush()
    except OSError:
        return ""
    return _line(process, seconds)


def _line(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Return the next line of the process; empty if it does not come in time."""
    # ending the process closes the pipe, which ends the read: works on every system
    watch = threading.Timer(seconds, process.kill)
    watch.daemon = True
    watch.start()
    try:
        line = _pipe(process.stdout).readline()
    finally:
        watch.cancel()
    return line.decode("utf-8", "replace").strip() if line.endswith(b"\n") else ""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # both were asked for
    return pipe


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None and not pipe.closed:
            try:
                pipe.close()
            except OSError:  # what was not yet written is lost with the process
                continue
