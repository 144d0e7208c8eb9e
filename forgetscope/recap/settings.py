"""A recipe in the words of TRL and PEFT; what they do not know is told with the nearest name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import torch
from accelerate import PartialState

from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap.recipe import Recipe, refuse_text, refuse_unknown
from forgetscope.recap.trainer import GRPOConfig

__all__ = ["OURS", "grpo_config", "lora_config"]

OURS = {
    "output_dir": "`--out`",
    "max_steps": "`run: steps`",
    "num_train_epochs": "`run: steps`",
    "save_steps": "`run: save_steps`",
    "save_strategy": "`run: save_steps`",
    "seed": "`run: seed`",
    "num_generations": "`run: group_size`",
    "per_device_train_batch_size": "`run: n_prompts` and `gradient_accumulation_steps`",
    "max_completion_length": "`run: max_new_tokens`",
    "reward_weights": "`rule`",
    "shuffle_dataset": "`run: seed`",
    "remove_unused_columns": "nothing: rewards need every column",
    "save_only_model": "nothing: an interrupted run needs the optimiser",
    "resume_from_checkpoint": "the same command again",
}
"""Fields of `GRPOConfig` that the recipe decides, and by what."""


def grpo_config(recipe: Recipe, out: Path, *, n_prompts: int) -> GRPOConfig:
    """Return TRL's configuration of a run.

    Raises
    ------
    UsageError
        `trainer:` names a field that TRL does not know or that the recipe decides otherwise, or a
        value that TRL refuses.
    """
    _check(recipe.trainer)
    values = _defaults(recipe, out) | dict(recipe.trainer)
    if values["report_to"] != "none":
        # a tracker was asked for: it is told every step, unless the recipe says otherwise
        values |= {"logging_strategy": "steps", "logging_steps": 1} | dict(recipe.trainer)
    accumulated = int(values.get("gradient_accumulation_steps", 1))
    values["per_device_train_batch_size"] = _per_device(
        n_prompts * recipe.run.group_size, accumulated
    )
    try:
        return GRPOConfig(**values)
    except (TypeError, ValueError) as error:
        raise UsageError(f"TRL refuses the settings of the run: {error}") from error


def _check(trainer: Mapping[str, Any]) -> None:
    fields = {f.name: f.type for f in dataclasses.fields(GRPOConfig) if f.init}
    refuse_unknown(trainer, set(fields), where="trainer")
    for key, value in trainer.items():
        if key in OURS:
            raise UsageError(f"`{key}` is no field of `trainer`", hint=f"it is set by {OURS[key]}")
        kinds = set(get_args(fields[key]) or [fields[key]])
        if kinds & {int, float} and str not in kinds:
            refuse_text(key, value, where="trainer")


def lora_config(recipe: Recipe) -> Any:  # noqa: ANN401 (peft is not typed)
    """Return PEFT's configuration, or `None` where all weights are trained."""
    if not recipe.lora:
        return None
    try:
        from peft import LoraConfig
    except ImportError as error:
        raise TrainingError(
            "`lora` needs the package `peft`", hint="pip install 'forgetscope[train]'"
        ) from error
    refuse_unknown(recipe.lora, {f.name for f in dataclasses.fields(LoraConfig)}, where="lora")
    try:
        return LoraConfig(**{"task_type": "CAUSAL_LM"} | dict(recipe.lora))
    except (TypeError, ValueError) as error:
        raise UsageError(f"PEFT refuses the settings of `lora`: {error}") from error


def _defaults(recipe: Recipe, out: Path) -> dict[str, Any]:
    run = recipe.run
    return {
        "output_dir": str(out),
        "max_steps": run.steps,
        "save_strategy": "steps",
        "save_steps": run.save_steps,
        "learning_rate": run.learning_rate,
        "lr_scheduler_type": "linear",
        "num_generations": run.group_size,
        "temperature": run.temperature,
        "max_completion_length": run.max_new_tokens,
        "beta": recipe.kind.beta if run.beta is None else run.beta,
        "seed": run.seed,
        # the rows are dealt in an order that does not depend on the method
        "shuffle_dataset": False,
        "bf16": recipe.dtype == "bfloat16",
        "fp16": recipe.dtype == "float16",
        "gradient_checkpointing": False,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "use_cpu": not torch.accelerator.is_available(),
        "disable_tqdm": True,
        "logging_strategy": "no",
        "report_to": "none",
    }


def _per_device(n_completions: int, accumulated: int) -> int:
    """Return the completions per process and forward pass."""
    parts = accumulated * int(PartialState().num_processes)
    if n_completions % parts:
        raise UsageError(
            f"{n_completions} completions per step do not fall into {parts} equal parts",
            hint="prompts x `group_size` must be a multiple of processes x "
            "`gradient_accumulation_steps`",
        )
    return n_completions // parts
