"""A command in a child of a process that has imported everything already.

A forked child begins where the command does, so that no moment is spent on imports, and is killed
from outside like any process: SIGKILL leaves it no last word. The parent has one thread and has
computed nothing, which is what makes the fork sound.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "prepare", "run", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    """Exit code; a negative number is the signal that ended it."""
    seconds: float
    """Wall time."""
    told: str
    """What it wrote to stdout and stderr."""

    @property
    def is_killed(self) -> bool:
        """Whether the kill came before the end."""
        return self.code == -signal.SIGKILL


def prepare() -> None:
    """Import what the commands need, so that children need not."""
    import lm_eval.api.task
    import matplotlib.pyplot
    import torch
    import transformers

    import forgetscope.api.training
    import forgetscope.cli.app
    import forgetscope.evaluation
    import forgetscope.recap.trainer
    import forgetscope.report.figures

    del lm_eval, matplotlib, transformers, forgetscope
    torch.set_num_threads(1)


def start(words: Sequence[str], log: Path) -> int:
    """Start a command in a child; return its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        code = 3
        try:
            os.setsid()
            file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            for stream in (1, 2):
                os.dup2(file, stream)
            # a test runner has put others in their place
            sys.stdout, sys.stderr = (os.fdopen(n, "w", buffering=1) for n in (1, 2))
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = _command(list(words))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return process


def _command(words: list[str]) -> int:
    from forgetscope.cli.main import run as command
    from forgetscope.evaluation import session

    # answers of a second are stored together: one by one there are more moments between
    session.in_batches = lambda answers: ([answer] for answer in answers)
    return command(words)


def run(
    words: Sequence[str],
    log: Path,
    *,
    kill_after: float | None = None,
    with_signal: int = signal.SIGKILL,
) -> Ended:
    """Run a command to its end, or until it is killed.

    Parameters
    ----------
    words
        The command line behind `forgetscope`.
    log
        File for all that it says.
    kill_after
        Seconds from its start to the signal; `None`: nothing is sent.
    """
    begun = time.monotonic()
    process = start(words, log)
    if kill_after is not None:
        _wait(process, until=begun + kill_after)
        # not reaped yet, so the number is still its own
        os.kill(process, with_signal)
    _, status = os.waitpid(process, 0)
    return Ended(
        code=os.waitstatus_to_exitcode(status),
        seconds=time.monotonic() - begun,
        told=log.read_text(errors="replace") if log.exists() else "",
    )


def _wait(process: int, *, until: float) -> None:
    """Wait for a moment, or for the end of a process, which is left to be reaped."""
    while (left := until - time.monotonic()) > 0:
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, process, options) is not None:
            return
        time.sleep(min(left, 0.002))
