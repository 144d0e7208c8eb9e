"""The model as it stands before training, as a checkpoint to compare with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from forgetscope.errors import UsageError
from forgetscope.store import is_study

__all__ = ["BASE", "base_source"]

BASE = "base"
"""Its label in the study."""


def base_source(
    study: Path,
    *,
    model: Any,  # noqa: ANN401  # transformers is not typed
    tokenizer: Any,  # noqa: ANN401
    step: int,
    is_sharded: bool,
) -> str:
    """Return where the base lies; a model that lies nowhere is saved into the study's folder.

    An adapter's base is the model that it was put upon.

    Parameters
    ----------
    study
        Folder of the study; the model is saved as `model-before` in it.
    model, tokenizer
        What is trained.
    step
        Where training begins: above 0 it goes on.
    is_sharded
        Whether no process holds the whole model.

    Raises
    ------
    UsageError
        If the model as it was before training cannot be had.
    """
    configs = getattr(model, "peft_config", None)
    if configs:
        return str(next(iter(configs.values())).base_model_name_or_path)
    folder = study / "model-before"
    if step > 0:
        if is_study(study) and folder.is_dir():
            return str(folder)
        raise UsageError(
            f"training goes on at step {step}, and `{study}` does not hold the model before it",
            hint="name that model: `ForgettingCallback(base=...)`",
        )
    if is_sharded or tokenizer is None:
        what = "lies in parts on several devices" if is_sharded else "came without a tokenizer"
        raise UsageError(
            f"the model {what}, so that it cannot be saved before training",
            hint="name the model that training begins with: `ForgettingCallback(base=...)`",
        )
    if folder.exists():
        shutil.rmtree(folder)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
