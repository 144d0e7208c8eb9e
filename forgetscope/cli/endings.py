"""Endings: what every way of stopping is called, and the exit code that says so.

::

    0    done; a gate passed
    1    a gate failed, and only that
    2    usage or configuration
    3    a bug
    4    could not run: model, data, memory, disk, network
    5    not proved, where proof was asked for
    130  interrupted; what was computed is kept
"""

from __future__ import annotations

import errno
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import ForgetscopeError

__all__ = ["SCHEMA", "Ending", "ending_of"]

SCHEMA = "forgetscope.error/1"

USAGE, COULD_NOT_RUN, INTERNAL_ERROR, INTERRUPTED = 2, 4, 3, 130

_OUTSIDE = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EMFILE: "too many files are open",
    errno.EIO: "the disk cannot be read or written",
}
"""What the machine refuses; no bug of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended that did not come to its end."""

    code: str
    """One word for programs."""
    exit_code: int
    message: str
    hint: str | None = None
    is_bug: bool = False

    def lines(self) -> list[str]:
        """Return what a person is told."""
        from forgetscope.report.wording import clean

        opening = "" if self.exit_code == INTERRUPTED else "error: "
        lines = [f"{opening}{clean(self.message)}"]
        return [*lines, f"hint: {clean(self.hint)}"] if self.hint else lines

    def json(self) -> str:
        """Return what another program is told, on one line."""
        content = {
            "schema": SCHEMA,
            "code": self.code,
            "exit_code": self.exit_code,
            "message": self.message,
            "hint": self.hint,
        }
        return json.dumps(content, sort_keys=True)


def ending_of(error: BaseException, *, arguments: Sequence[str]) -> Ending:
    """Return how an error ends the command that was called with `arguments`."""
    if isinstance(error, ForgetscopeError):
        return Ending(
            code=error.code,
            exit_code=error.exit_code,
            message=error.message,
            hint=error.hint,
            is_bug=error.exit_code == INTERNAL_ERROR,
        )
    if isinstance(error, KeyboardInterrupt):
        again = shlex.join(["forgetscope", *arguments])
        hint = f"run the same command again, it goes on where it was: `{again}`"
        return Ending(code="interrupted", exit_code=INTERRUPTED, message="interrupted", hint=hint)
    return _outside(error) or Ending(
        code="internal",
        exit_code=INTERNAL_ERROR,
        message=f"internal error: {type(error).__name__}: {error}",
        is_bug=True,
    )


def _outside(error: BaseException) -> Ending | None:
    """Return the ending where the machine is the reason; `None` where it is not."""
    if _is_out_of_memory(error):
        return Ending(
            code="out_of_memory",
            exit_code=COULD_NOT_RUN,
            message="out of memory",
            hint="close other programs, or choose a smaller model or `--dtype bfloat16`",
        )
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return Ending(
            code="usage",
            exit_code=USAGE,
            message=f"a name is too long for a file: {str(error.filename)[:60]}...",
            hint="name a shorter path",
        )
    if isinstance(error, OSError) and error.errno in _OUTSIDE:
        where = f": {error.filename}" if error.filename else ""
        return Ending(
            code="machine",
            exit_code=COULD_NOT_RUN,
            message=f"{_OUTSIDE[error.errno]}{where}",
            hint="make room or choose another folder; what was computed is kept",
        )
    if isinstance(error, (ConnectionError, TimeoutError)) and not isinstance(
        error, BrokenPipeError
    ):
        return Ending(
            code="network",
            exit_code=COULD_NOT_RUN,
            message=f"the network failed: {error}",
            hint="run the same command again, or name local data with `--data-dir`",
        )
    return None


def _is_out_of_memory(error: BaseException) -> bool:
    # torch's error has the same name on every accelerator, and torch may not be loaded here
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    # on the CPU it is an error like any other
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)
