"""The folder of a training run: what was asked, and where an interrupted run goes on.

::

    OUT/run.json            what was asked, and whether it is finished
    OUT/recipe.yaml         the whole recipe, to be read and used again
    OUT/training.parquet    every objective at every step
    OUT/checkpoint-N/       model, tokenizer; `recap_state.json`, written last, makes it complete
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from forgetscope.errors import ForgetscopeError, TrainingError, UsageError
from forgetscope.store.files import write_whole

__all__ = ["LOG", "STATE", "RunFolder", "Saved", "checkpoints_in", "saving"]

STATE = "recap_state.json"
LOG = "training.parquet"
ONLY_TO_RESUME = ("optimizer.pt", "scheduler.pt", "scaler.pt", "rng_state*.pth", "optimizer.bin")
"""What a checkpoint holds for going on alone; evaluation needs none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a checkpoint keeps of the run beside the model."""

    rule: dict[str, Any] | None
    seconds: float
    """Wall time of training up to it."""


@contextmanager
def saving(folder: Path | str) -> Iterator[None]:
    """Run a block that writes into a run's folder; what the disk refuses is one error.

    Raises
    ------
    TrainingError
        The block could not write: torch and safetensors have exceptions of their own for that.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        if isinstance(error, ForgetscopeError):
            raise
        raise TrainingError(
            f"cannot save into `{folder}`: {' '.join(str(error).split())}",
            hint="make room and run the same command again: it goes on from the last checkpoint",
        ) from error


def checkpoints_in(folder: Path) -> tuple[Path, ...]:
    """Return the folders `checkpoint-N` in order of their step."""
    steps = {path: path.name.removeprefix("checkpoint-") for path in folder.glob("checkpoint-*")}
    numbered = {path: int(step) for path, step in steps.items() if step.isdigit()}
    return tuple(sorted(numbered, key=numbered.__getitem__))


class RunFolder:
    """One training run on disk.

    Parameters
    ----------
    folder
        Made if need be.
    asked
        Digest of all that decides the weights: a folder holds one run only.

    Raises
    ------
    UsageError
        The folder holds another run, or checkpoints that no run of ours made.
    """

    def __init__(self, folder: Path, *, asked: str) -> None:
        self.folder = folder
        known = _read(folder / "run.json")
        # a run that failed before its first checkpoint has nothing to lose
        is_other = known is not None and known.get("asked") != asked
        if known is None and checkpoints_in(folder):
            raise UsageError(
                f"`{folder}` holds checkpoints of an earlier run",
                hint="name another folder, or remove it",
            )
        if is_other and checkpoints_in(folder):
            raise UsageError(
                f"`{folder}` holds a run with another recipe, model or data",
                hint="name another folder with `--out`, or repeat the command that made it",
            )
        self._asked = asked
        self._finished = known.get("seconds") if known and not is_other else None

    @property
    def log_path(self) -> Path:
        """Where the training log of the whole run lies."""
        return self.folder / LOG

    @property
    def seconds(self) -> float | None:
        """Wall time of a finished run; `None` while it is not finished."""
        return self._finished

    def begin(self, recipe: str) -> None:
        """Note what was asked, before the first checkpoint."""
        with saving(self.folder), write_whole(self.folder / "recipe.yaml") as temporary:
            temporary.write_text(recipe, encoding="utf-8")
        self._write(None)

    def finish(self, seconds: float) -> None:
        """Note that all checkpoints are there, and drop what only served to go on."""
        for path in checkpoints_in(self.folder):
            _slim(path)
        self._write(seconds)

    def latest(self) -> Path | None:
        """Return the newest complete checkpoint; what was cut short is removed."""
        for path in reversed(checkpoints_in(self.folder)):
            if (path / STATE).is_file():
                return path
            shutil.rmtree(path)
        return None

    @staticmethod
    def read_state(checkpoint: Path) -> Saved:
        """Return what `keep` wrote into a checkpoint."""
        known = _read(checkpoint / STATE) or {}
        rule, seconds = known.get("rule"), known.get("seconds")
        if not isinstance(rule, dict | None) or not isinstance(seconds, int | float):
            raise TrainingError(
                f"`{checkpoint / STATE}` is no state of ours",
                hint="remove the checkpoint, and run the same command again",
            )
        return Saved(rule=rule, seconds=seconds)

    def keep(self, checkpoint: Path, saved: Saved) -> None:
        """Complete a checkpoint; older ones keep what evaluation needs alone."""
        with saving(self.folder), write_whole(checkpoint / STATE) as temporary:
            temporary.write_text(json.dumps({"rule": saved.rule, "seconds": saved.seconds}))
        for path in checkpoints_in(self.folder):
            if path != checkpoint:
                _slim(path)

    def _write(self, seconds: float | None) -> None:
        with saving(self.folder), write_whole(self.folder / "run.json") as temporary:
            temporary.write_text(json.dumps({"asked": self._asked, "seconds": seconds}) + "\n")
        self._finished = seconds


def _slim(checkpoint: Path) -> None:
    for pattern in ONLY_TO_RESUME:
        for path in checkpoint.glob(pattern):
            path.unlink()


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"cannot read `{path}`: {error}", hint="remove the folder and train again"
        ) from error
    return content if isinstance(content, dict) else None
