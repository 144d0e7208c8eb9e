"""What happens beside the trainer's steps: progress, probes, and checkpoints made complete."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from accelerate import PartialState
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from forgetscope.recap.state import LOG, RunFolder, Saved
from forgetscope.records import Kind, Progress

if TYPE_CHECKING:
    from forgetscope.recap.trainer import RecapTrainer, Watch

__all__ = ["KeepCallback", "ProbeCallback"]


class ProbeCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Measures held-out rows before the first step and every so many steps."""

    def __init__(self, trainer: RecapTrainer) -> None:
        self._trainer = trainer

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Probe, where it is time for it."""
        del args, control
        watch = self._trainer.watch
        if watch.probe and watch.probe_every and state.global_step % watch.probe_every == 0:
            self._trainer.probe()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Probe the finished model."""
        del args, state, control
        if self._trainer.watch.probe and self._trainer.watch.probe_every:
            self._trainer.probe()


class KeepCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Tells progress, and completes every checkpoint with the rule's state and the log."""

    def __init__(
        self, folder: RunFolder, watch: Watch, *, stage: str, began: float, progress: Progress
    ) -> None:
        self._folder = folder
        self._watch = watch
        self._stage = stage
        self._began = began
        self._progress = progress

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Tell where training stands."""
        del args, control
        if state.is_world_process_zero:
            self._progress(self._stage, state.global_step, state.max_steps, note=self._note())

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Write what makes a checkpoint complete."""
        del control
        # every process has written its part before the checkpoint is called complete
        PartialState().wait_for_everyone()
        if not state.is_world_process_zero:
            return
        checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        self._watch.log.write(checkpoint / LOG)
        rule = self._watch.rule
        saved = Saved(
            rule=None if rule is None else rule.state_dict(),
            seconds=time.monotonic() - self._began,
        )
        self._folder.keep(checkpoint, saved)

    def _note(self) -> str:
        """Return the mean rewards, and the weights where they differ."""
        log = self._watch.log
        parts = [f"{name} {value:.2f}" for name, value in log.latest(Kind.REWARD).items()]
        if self._watch.rule is not None:
            weights = sorted(self._watch.rule.weights().values())
            if weights:
                parts.append(f"weights {weights[0]:.2f} to {weights[-1]:.2f}")
        return " · ".join(parts[:4])
