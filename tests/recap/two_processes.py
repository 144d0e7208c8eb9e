"""Train on every process that `accelerate launch` started, and tell what each of them holds.

Usage: two_processes.py BASE OUT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from transformers import TrainerCallback

from forgetscope import recap
from forgetscope.recap import GrpoRun, Trained
from forgetscope.recap import build as build_file
from forgetscope.recap.trainer import RecapTrainer
from tests.recap.small_run import IMITATED, REWARDED, TARGET, recipe

RUN = GrpoRun(
    steps=3, save_steps=2, n_prompts=2, group_size=4, max_new_tokens=4, learning_rate=1e-3
)
RULES = {
    "code": {"name": "code", "window": 1, "temperature": 0.2},
    "advantage": {"name": "advantage", "window": 1},
}


Added = Callable[[RecapTrainer], None]
"""What is done to a trainer that was just built."""


class Stumble(TrainerCallback):
    """Fails before the last step, on every process."""

    def on_step_begin(self, _args: Any, state: Any, _control: Any, **_: object) -> None:
        if state.global_step == RUN.steps - 1:
            raise InterruptedError


def train(base: str, out: Path, rule: str, added: Added = lambda _: None) -> Trained:
    original = build_file.build_trainer

    def build(*arguments: Any, **options: Any) -> Any:
        trainer, watch = original(*arguments, **options)
        added(trainer)
        return trainer, watch

    build_file.build_trainer = build
    try:
        return recap.train(
            base,
            out,
            recipe=recipe("recap", RUN, rule=RULES[rule]),
            reasoning=[TARGET],
            replay=[REWARDED, IMITATED],
        )
    finally:
        build_file.build_trainer = original


def watched(base: str, out: Path, rule: str) -> dict[str, Any]:
    """Train, and return what this process holds at the end."""
    built: list[RecapTrainer] = []
    trained = train(base, out, rule, built.append)
    watch = built[0].watch
    torch.save(built[0].model.state_dict(), f"{out}-{PartialState().process_index}.pt")
    return {
        "n_processes": built[0].accelerator.num_processes,
        "batch": built[0].args.per_device_train_batch_size,
        "is_main": trained.is_main_process,
        "checkpoints": [path.name for path in trained.checkpoints],
        "traces": repr(trained.training.traces),
        "weights": watch.rule.weights(),
        "log": repr(watch.log.traces()),
    }


def interrupted(base: str, out: Path) -> None:
    """Train until it fails, and train again."""
    try:
        train(base, out, "code", lambda trainer: trainer.add_callback(Stumble()))
    except InterruptedError:
        train(base, out, "code")


def main(base: str, out: Path) -> None:
    told = {rule: watched(base, out / rule, rule) for rule in RULES}
    interrupted(base, out / "interrupted")
    (out / f"told-{PartialState().process_index}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
