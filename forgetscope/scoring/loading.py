"""Loading: from a checkpoint to a model in memory that is provably the checkpoint.

`transformers` fills weights that a file lacks with random numbers and says so in a log; here that
is an error.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers.utils import logging as transformers_logging

from forgetscope.errors import CheckpointError, EngineError, UsageError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.blueprint import Blueprint, first_line
from forgetscope.scoring.memory import is_out_of_memory
from forgetscope.scoring.place import place_of

__all__ = ["load_model", "resolve_device"]


def load_model(checkpoint: Checkpoint, blueprint: Blueprint, *, device: torch.device) -> Any:  # noqa: ANN401
    """Load the weights of a checkpoint, ready to answer.

    Raises
    ------
    CheckpointError
        If a weight is missing, has another shape than the configuration says, or cannot be read.
    EngineError
        If the weights do not fit into memory.
    """
    place = place_of(checkpoint)
    is_gguf = checkpoint.kind is CheckpointKind.GGUF
    safe = {} if is_gguf else {"use_safetensors": True}
    try:
        with _quiet(), _mute() if is_gguf else contextlib.nullcontext():
            model, report = transformers.AutoModelForCausalLM.from_pretrained(
                place.source,
                dtype=getattr(torch, blueprint.dtype),
                attn_implementation=blueprint.attention,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,  # reported, and refused below by name
                output_loading_info=True,
                **place.keywords,
                **safe,
            )
            model = model.to(device).eval()
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise EngineError(
                f"the weights of `{checkpoint.source}` do not fit into the memory of `{device}`",
                hint="use a smaller `--dtype` or a larger device",
            ) from error
        raise CheckpointError(
            f"the weights of `{checkpoint.source}` cannot be loaded: {first_line(error)}"
        ) from error
    _check_report(checkpoint, report)
    return model


def resolve_device(name: str) -> torch.device:
    """Return the torch device of a name; `auto` is a GPU where there is one.

    Raises
    ------
    UsageError
        If torch does not know the name, or the device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"unknown device `{name}`", hint="e.g. cpu, cuda, cuda:1") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"no GPU is available for device `{name}`", hint="use `--device cpu`")
    return device


def _check_report(checkpoint: Checkpoint, report: dict[str, Any]) -> None:
    """Refuse weights that would otherwise be random numbers."""
    mismatched = sorted(report["mismatched_keys"])
    if mismatched:
        name, saved, wanted = mismatched[0]
        raise CheckpointError(
            f"{len(mismatched)} weights of `{checkpoint.source}` do not fit its `config.json`"
            f" (first: `{name}` is {tuple(saved)}, not {tuple(wanted)})",
            hint="weights and configuration belong to different models",
        )
    missing = sorted(report["missing_keys"])
    if missing:
        raise CheckpointError(
            f"`{checkpoint.source}` lacks {len(missing)} weights that its `config.json` asks for"
            f" (first: `{missing[0]}`)",
            hint="the checkpoint is incomplete, or belongs to another architecture",
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence bars and load reports: only the command line talks."""
    verbosity = transformers_logging.get_verbosity()
    had_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if had_bars:
            transformers_logging.enable_progress_bar()


def _mute() -> contextlib.AbstractContextManager[Any]:
    # the GGUF reader draws a bar that no setting turns off
    return contextlib.redirect_stderr(io.StringIO())
