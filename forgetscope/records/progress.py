"""Progress: how long work tells whoever started it where it stands."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "no_progress"]


class Progress(Protocol):
    """Receives the state of long work; called often, so it must be cheap."""

    def __call__(self, stage: str, done: int, total: int, /, note: str = "") -> None:
        """Take note that `done` of `total` units of `stage` are finished."""


def no_progress(stage: str, done: int, total: int, /, note: str = "") -> None:
    """Ignore progress."""
    del stage, done, total, note
