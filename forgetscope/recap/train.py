"""Train by a recipe: from a model and material to checkpoints, resumable after any interruption."""

from __future__ import annotations

import gc
import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import PrinterCallback

from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap.callbacks import KeepCallback, ProbeCallback
from forgetscope.recap.log import TrainingLog
from forgetscope.recap.processes import this_process
from forgetscope.recap.recipe import Recipe
from forgetscope.recap.sources import Material
from forgetscope.recap.state import LOG, RunFolder, checkpoints_in
from forgetscope.records import Progress, Training, no_progress
from forgetscope.scoring.memory import free_memory
from forgetscope.testbed.quiet import no_bars, no_telemetry, torch_threads

if TYPE_CHECKING:
    from forgetscope.recap.trainer import RecapTrainer, Watch

__all__ = ["Trained", "train"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training run made."""

    checkpoints: tuple[Path, ...]
    """In order of their step."""
    training: Training
    is_main_process: bool = True
    """Whether this process speaks for all of a distributed run."""


def train(
    model: Path | str,
    out: Path,
    *,
    recipe: Recipe,
    reasoning: Sequence[Material],
    replay: Sequence[Material] = (),
    progress: Progress = no_progress,
) -> Trained:
    """Train `model` by a recipe and return its checkpoints in order.

    The same call goes on after an interruption, from the last complete checkpoint, and ends in the
    weights that an uninterrupted run would have reached; once it is finished, it returns at once.

    Parameters
    ----------
    model
        Folder of the starting model and its tokenizer, or `org/name` on a hub.
    out
        Folder of the run; see `state`.
    recipe
        Everything else that decides the weights.
    reasoning
        Material of the target; must be rewarded.
    replay
        General material, rewarded or imitated; used by methods that replay.
    progress
        Told at the start and after every optimiser step.

    Raises
    ------
    UsageError
        No prompts or rewards, nothing to replay, another run under `out`, or settings that TRL
        refuses.
    CheckpointError
        The starting model cannot be read.
    TrainingError
        TRL is not installed, or the run cannot go on.
    """
    replay = replay if recipe.kind.replays else ()
    _check(recipe, reasoning, replay)
    folder = RunFolder(out, asked=_asked(model, recipe, [*reasoning, *replay]))
    if folder.seconds is None:
        run = _Run(recipe, folder, progress)
        quiet = (torch_threads(recipe.run.n_threads), _own_randomness(), no_bars(), no_telemetry())
        with ExitStack() as stack:
            for borrowed in quiet:
                stack.enter_context(borrowed)
            run(str(model), [*reasoning, *replay], n_targets=len(reasoning))
        # trainer and callbacks know each other, and hold model and optimiser while they live
        gc.collect()
        free_memory()
    return Trained(
        checkpoints=checkpoints_in(out),
        training=_training(recipe, folder),
        is_main_process=bool(this_process().is_main_process),
    )


def _check(recipe: Recipe, reasoning: Sequence[Material], replay: Sequence[Material]) -> None:
    if not reasoning:
        raise UsageError("there is no target to train on", hint="name it with `--reasoning SOURCE`")
    for material in reasoning:
        if material.is_supervised:
            raise UsageError(f"the target `{material.name}` has no reward")
    for material in (*reasoning, *replay):
        if not material.lessons:
            raise UsageError(f"`{material.name}` has nothing to learn from")
    if recipe.kind.replays and not replay:
        raise UsageError(
            f"the method `{recipe.method}` replays, and there is nothing to replay",
            hint="name general material with `--replay SOURCE`, or choose `--method grpo`",
        )


def _asked(model: Path | str, recipe: Recipe, materials: Sequence[Material]) -> str:
    """Return a digest of all that decides the weights."""
    digest = hashlib.sha256(f"{model}\n{recipe.digest}\n".encode())
    for material in materials:
        parts = [material.domain, *material.rewards]
        for lesson in (*material.lessons, *material.held_out):
            parts += (lesson.system, lesson.prompt, lesson.gold, lesson.answer)
            parts += (str(image) for image in lesson.images if isinstance(image, str | Path))
        digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _training(recipe: Recipe, folder: RunFolder) -> Training:
    return Training(
        method=recipe.method,
        rule=recipe.rule_name,
        seed=recipe.run.seed,
        steps=recipe.run.steps,
        seconds=folder.seconds or 0.0,
        traces=TrainingLog.read(folder.log_path).traces(),
    )


class _Run:
    """One run in progress."""

    def __init__(self, recipe: Recipe, folder: RunFolder, progress: Progress) -> None:
        self._recipe = recipe
        self._folder = folder
        self._progress = progress

    def __call__(self, model: str, materials: Sequence[Material], *, n_targets: int) -> None:
        """Train from where the folder stands to the end."""
        stage = f"train by {self._recipe.method}"
        self._progress(stage, 0, self._recipe.run.steps)
        build = _builder()
        # one process clears away what was cut short, and the others look afterwards
        with this_process().main_process_first():
            resumed = self._folder.latest()
        trainer, watch = build(
            model, self._folder, recipe=self._recipe, materials=materials, n_targets=n_targets
        )
        before = _restore(watch, self._folder, resumed)
        if trainer.accelerator.is_main_process and resumed is None:
            self._folder.begin(self._recipe.to_yaml())
        began = time.monotonic() - before
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(ProbeCallback(trainer))
        trainer.add_callback(
            KeepCallback(self._folder, watch, stage=stage, began=began, progress=self._progress)
        )
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        if trainer.accelerator.is_main_process:
            watch.log.write(self._folder.log_path)
            self._folder.finish(time.monotonic() - began)
        trainer.accelerator.wait_for_everyone()


def _restore(watch: Watch, folder: RunFolder, resumed: Path | None) -> float:
    """Bring rule and log to where a checkpoint left them; return the seconds trained before."""
    if resumed is None:
        return 0.0
    saved = folder.read_state(resumed)
    if watch.rule is not None and saved.rule is not None:
        watch.rule.load_state_dict(saved.rule)
    watch.log = TrainingLog.read(resumed / LOG)
    return saved.seconds


def _builder() -> Callable[..., tuple[RecapTrainer, Watch]]:
    for name in ("trl", "peft"):
        if find_spec(name) is None:
            raise TrainingError(
                f"training needs the package `{name}`", hint="pip install 'forgetscope[train]'"
            )
    from forgetscope.recap.build import build_trainer

    return build_trainer


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Give the block its own random state: the trainer seeds the global generators."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (the trainer's)
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
