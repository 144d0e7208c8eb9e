"""Every error a person can meet.

::

    ForgetscopeError            exit 3   (a bug, unless a kind below says otherwise)
    ├── UsageError              exit 2   the call or its configuration is wrong
    │   ├── UnknownNameError             a task, suite, domain or label nobody knows
    │   └── PairingError                 two checkpoints did not answer the same prompts
    ├── UnavailableError        exit 4   something the call needs cannot be used
    │   ├── CheckpointError              weights, configuration or tokenizer
    │   ├── DataError                    a task's data set
    │   ├── LogError                     what another program logged
    │   ├── StudyError                   the study on disk
    │   ├── PluginError                  what another package adds, and is broken
    │   └── EngineError                  the model answers nonsense, or cannot answer at all
    │       └── NoNumbersError           its logits are NaN or infinite
    └── TrainingError           exit 4   a training run cannot start or go on

The library raises, the command line prints: `message` says what, which and where; `hint` says
what to do next.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "DataError",
    "EngineError",
    "ForgetscopeError",
    "LogError",
    "NoNumbersError",
    "PairingError",
    "PluginError",
    "StudyError",
    "TrainingError",
    "UnavailableError",
    "UnknownNameError",
    "UsageError",
    "nearest",
]


class ForgetscopeError(Exception):
    """Base of every error of this package.

    Parameters
    ----------
    message
        What happened, which values, where. No final period.
    hint
        What to do next, or `None`.
    """

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """What programs call its kind, e.g. `unknown_name`."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


class UsageError(ForgetscopeError, ValueError):
    """The call or its configuration is wrong."""

    exit_code = 2


class UnknownNameError(UsageError, LookupError):
    """A name that nobody knows; the hint carries the nearest known ones."""

    def __init__(self, noun: str, name: str, *, known: Iterable[str]) -> None:
        names = sorted(known)
        near = nearest(name, names)
        if near:
            hint = "did you mean " + " or ".join(f"`{n}`" for n in near) + "?"
        elif names and len(names) <= 30:
            hint = f"known: {', '.join(names)}"
        else:
            hint = None
        super().__init__(f"unknown {noun} `{name}`", hint=hint)
        self.name = name


class PairingError(UsageError):
    """Two checkpoints did not answer the same prompts, so they cannot be compared."""


class UnavailableError(ForgetscopeError, OSError):
    """Something that the call needs cannot be read, reached or used."""

    exit_code = 4


class CheckpointError(UnavailableError):
    """Weights, configuration or tokenizer of a checkpoint cannot be used."""


class DataError(UnavailableError):
    """The data set of a task cannot be read."""


class LogError(UnavailableError):
    """A log of another program cannot be read."""


class StudyError(UnavailableError):
    """The study on disk cannot be used."""


class PluginError(UnavailableError):
    """What another package adds cannot be loaded, or fails."""


class EngineError(UnavailableError):
    """The model cannot answer, or what it answers is no number."""


class NoNumbersError(EngineError):
    """What the model answers is no number: the fault of one checkpoint, not of the machine."""


class TrainingError(ForgetscopeError, RuntimeError):
    """A training run cannot start or go on."""

    exit_code = 4


def nearest(name: str, known: Iterable[str], *, limit: int = 2) -> tuple[str, ...]:
    """Return up to `limit` of the known names that look most like `name`.

    >>> nearest("hellaswga", ["hellaswag", "winogrande"])
    ('hellaswag',)
    """
    return tuple(difflib.get_close_matches(name, list(known), n=limit, cutoff=0.6))
