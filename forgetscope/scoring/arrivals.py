"""Arrivals: checkpoints that a training run is still writing, and when each is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.records import Checkpoint
from forgetscope.scoring.adapters import holds_adapter, open_adapter
from forgetscope.scoring.bases import split_sum
from forgetscope.scoring.checkpoints import (
    checkpoint_of_folder,
    holds_any,
    missing_checkpoint,
    split_label,
    step_folders,
)
from forgetscope.scoring.folders import looks_like_model, open_folder, single_gguf
from forgetscope.scoring.labels import step_of

__all__ = ["Arrival", "Stamp", "WatchedFolder", "lacking", "stamp_of", "watched_folder"]

_MARKS = ("STABLE", "trainer_state.json")
"""What trainers write last, when a checkpoint is whole."""
_OF_TRAINERS = ("training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt")
"""What stands beside weights only where `trainer_state.json` follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """A folder as a person names it: `[LABEL=][BASE+]FOLDER`."""

    path: Path
    label: str | None
    base: str | None
    """What adapters in it are put on; `None`: what they name themselves."""

    def arrivals(self, *, prefix: str = "") -> tuple[Arrival, ...]:
        """Return the checkpoints that are in it now, whole or not, in the order of their steps.

        Parameters
        ----------
        prefix
            Stands before the names of single steps, where several runs are watched.
        """
        if not self.path.is_dir():
            return ()
        prefix = self.label or prefix
        steps = [
            Arrival(path=step, label=f"{prefix}/{step.name}" if prefix else None, base=self.base)
            for step in step_folders(self.path)
        ]
        # a model without its weights yet is one all the same, unless it is a run
        if holds_any(self.path) or (not steps and looks_like_model(self.path)):
            steps.append(Arrival(path=self.path, label=self.label, base=self.base))
        return tuple(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A checkpoint that is there, or is on its way."""

    path: Path
    label: str | None
    base: str | None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.label or self.path.name or str(self.path)

    @property
    def step(self) -> int | None:
        """Training step, where the name tells it."""
        return step_of(self.path.name)

    def checkpoint(self) -> Checkpoint:
        """Return it as a checkpoint.

        Raises
        ------
        CheckpointError
            If it is not whole, or cannot be used.
        """
        return checkpoint_of_folder(self.path, label=self.label, base=self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a folder looks like at one time."""

    digest: str
    """Of names, sizes and times of its files."""
    changed: float
    """When one of its files last changed, in seconds since 1970; 0 for an empty folder."""


def watched_folder(argument: str) -> WatchedFolder:
    """Read what a person named.

    Raises
    ------
    CheckpointError
        If there is no such folder.
    UsageError
        If it is a file.
    """
    label, source = split_label(argument)
    two = split_sum(source)
    path = two[1] if two else Path(source).expanduser()
    if path.is_file():
        raise UsageError(f"`{path}` is a file, and folders are watched")
    if not path.is_dir():
        raise missing_checkpoint(path)
    return WatchedFolder(path=path, label=label, base=two[0] if two else None)


def stamp_of(folder: Path) -> Stamp:
    """Return what the files directly in a folder look like now."""
    digest, changed = hashlib.sha256(), 0.0
    for name, size, modified, ctime in sorted(_files(folder)):
        digest.update(f"{name}:{size}:{modified}:{ctime}\n".encode())
        # ctime too: a copy may bring an old mtime along
        changed = max(changed, modified / 1e9, ctime / 1e9)
    return Stamp(digest=digest.hexdigest(), changed=changed)


def lacking(arrival: Arrival) -> str:
    """Return what a checkpoint lacks to be whole; empty where nothing is known to be missing.

    Only headers are read. That no file changes any more is for the caller to see.
    """
    path = arrival.path
    try:
        if holds_adapter(path):
            open_adapter(path)
        elif single_gguf(path) is None:
            open_folder(path)
    except CheckpointError as error:
        return error.message
    except OSError as error:  # it is being moved or deleted
        return str(error)
    if _expects_mark(path) and not _is_marked(path):
        return f"`{path}` has neither {' nor '.join(f'`{name}`' for name in _MARKS)} yet"
    return ""


def _expects_mark(path: Path) -> bool:
    if any((path / name).is_file() for name in _OF_TRAINERS):
        return True
    others = [step for step in _siblings(path) if step != path]
    return step_of(path.name) is not None and any(_is_marked(step) for step in others)


def _siblings(path: Path) -> Iterator[Path]:
    return (each for each in path.parent.iterdir() if step_of(each.name) is not None)


def _is_marked(path: Path) -> bool:
    return any((path / name).is_file() for name in _MARKS)


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    stat = entry.stat()
                    yield entry.name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
    except OSError:  # it is gone: it looks like nothing
        return
