"""TRL's GRPO trainer as it is: the only door to TRL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    TrainerCallback,
    TrainerState,
)

from forgetscope.errors import CheckpointError, TrainingError, UsageError
from forgetscope.recap.run import GrpoRun
from forgetscope.records import Document, Progress, no_progress
from forgetscope.testbed.quiet import no_bars, torch_threads

if TYPE_CHECKING:
    from trl import GRPOConfig

__all__ = ["Reward", "train_grpo"]

STAGE = "train by GRPO"

Reward = Callable[[str, str], float]
"""What a completion is worth, from its text and the right answer."""


def train_grpo(
    model: Path,
    out: Path,
    *,
    config: GrpoRun,
    prompts: Sequence[Document],
    rewards: Mapping[str, Reward],
    progress: Progress = no_progress,
) -> tuple[Path, ...]:
    """Train `model` by GRPO on `prompts` alone and return its checkpoints in order.

    Parameters
    ----------
    model
        Folder of the starting model and its tokenizer.
    out
        Folder for `checkpoint-N`; must hold none yet.
    config
        The run's settings.
    prompts
        Questions with their right answers; visited in an order drawn from `config.seed`.
    rewards
        By name; what a completion earns is their sum.
    progress
        Told at the start and after every optimiser step.

    Returns
    -------
    tuple[Path, ...]
        Checkpoint folders (safetensors, configuration, tokenizer) in order of their step.

    Raises
    ------
    UsageError
        No prompts, no rewards, or checkpoints of an earlier run under `out`.
    CheckpointError
        The starting model cannot be read.
    TrainingError
        TRL is not installed.
    """
    _check(out, prompts, rewards)
    progress(STAGE, 0, config.steps)
    trl = _trl()
    with torch_threads(config.n_threads), _own_randomness(), no_bars():
        network, tokenizer = _load(model)
        trainer = trl.GRPOTrainer(
            model=network,
            processing_class=tokenizer,
            reward_funcs=[_reward_function(name, reward) for name, reward in rewards.items()],
            train_dataset=Dataset.from_list(
                [{"prompt": document.prompt, "gold": document.gold} for document in prompts]
            ),
            args=_settings(trl.GRPOConfig, config, out),
            callbacks=[_Steps(progress)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return _checkpoints(out)


class _Steps(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Passes the trainer's step count on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_step_end(self, args: object, state: TrainerState, control: object, **_: object) -> None:
        del args, control
        self._progress(STAGE, state.global_step, state.max_steps)


def _check(out: Path, prompts: Sequence[Document], rewards: Mapping[str, Reward]) -> None:
    if not prompts or not rewards:
        raise UsageError("GRPO needs at least one prompt and one reward")
    if _checkpoints(out):
        raise UsageError(
            f"`{out}` holds checkpoints of an earlier run",
            hint="name another folder, or remove it",
        )


def _trl() -> Any:  # noqa: ANN401 (trl is not typed)
    try:
        import trl
    except ImportError as error:
        raise TrainingError(
            "training needs the package `trl`", hint="pip install 'forgetscope[train]'"
        ) from error
    return trl


def _load(model: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    try:
        network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    except (OSError, ValueError) as error:
        raise CheckpointError(f"cannot read the model in `{model}`: {error}") from error
    return network, tokenizer


def _settings(kind: type[GRPOConfig], config: GrpoRun, out: Path) -> GRPOConfig:
    return kind(
        output_dir=str(out),
        max_steps=config.steps,
        save_strategy="steps",
        save_steps=config.save_steps,
        save_only_model=True,
        learning_rate=config.learning_rate,
        lr_scheduler_type="linear",
        per_device_train_batch_size=config.n_prompts * config.group_size,
        num_generations=config.group_size,
        temperature=config.temperature,
        max_completion_length=config.max_new_tokens,
        beta=config.beta,
        seed=config.seed,
        bf16=False,
        gradient_checkpointing=False,
        dataloader_pin_memory=False,
        use_cpu=not torch.cuda.is_available(),
        disable_tqdm=True,
        logging_strategy="no",
        report_to="none",
    )


def _reward_function(name: str, reward: Reward) -> Callable[..., list[float]]:
    """Return `reward` in the form that TRL calls, under the name that TRL logs."""

    def score(completions: list[str], gold: list[str], **_: object) -> list[float]:
        return [
            reward(completion, right) for completion, right in zip(completions, gold, strict=True)
        ]

    score.__name__ = name
    return score


def _checkpoints(out: Path) -> tuple[Path, ...]:
    steps = {path: path.name.removeprefix("checkpoint-") for path in out.glob("checkpoint-*")}
    numbered = {path: int(step) for path, step in steps.items() if step.isdigit()}
    return tuple(sorted(numbered, key=numbered.__getitem__))


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
