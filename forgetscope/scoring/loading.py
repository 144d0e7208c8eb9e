"""Loading: from a checkpoint to a model in memory that is provably the checkpoint.

`transformers` fills weights that a file lacks with random numbers and says so in a log; here that
is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError, safe_open
from transformers.utils import logging as transformers_logging

from forgetscope.errors import CheckpointError, EngineError, UsageError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.engine import EngineConfig
from forgetscope.scoring.memory import is_out_of_memory
from forgetscope.scoring.place import place_of
from forgetscope.scoring.shards import find_shards
from forgetscope.scoring.tokenizer import Tokenizer

__all__ = ["Blueprint", "load_model", "open_blueprint", "resolve_device"]

_FALLBACK_WINDOW = 2048
_WINDOW_NAMES = ("n_positions", "max_position_embeddings", "n_ctx")
_UNSET_WINDOW = int(1e30)
"""What tokenizers without a limit of their own carry as `model_max_length`."""
_SAFETENSORS_DTYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What is known about a model before its weights are loaded."""

    model_config: Any
    """The configuration object of `transformers`."""
    dtype: str
    attention: str
    """`sdpa` or `eager`."""
    max_length: int
    """Window in tokens."""


def open_blueprint(checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> Blueprint:
    """Read a checkpoint's configuration and settle what `auto` means for it.

    Raises
    ------
    CheckpointError
        If it is not a decoder that `transformers` knows by itself.
    """
    place = place_of(checkpoint)
    try:
        model_config = transformers.AutoConfig.from_pretrained(
            place.source, trust_remote_code=False, **place.keywords
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise CheckpointError(
            f"the configuration of `{checkpoint.source}` cannot be used: {_first_line(error)}",
            hint="code inside a checkpoint is never run; the architecture must be one that the"
            " installed transformers knows",
        ) from error
    return Blueprint(
        model_config=model_config,
        dtype=config.dtype if config.dtype != "auto" else _saved_dtype(checkpoint, model_config),
        attention="sdpa" if _model_class(checkpoint, model_config)._supports_sdpa else "eager",
        max_length=config.max_length or _window(model_config, tokenizer),
    )


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
    safe = {} if checkpoint.kind is CheckpointKind.GGUF else {"use_safetensors": True}
    try:
        with _quiet():
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
            f"the weights of `{checkpoint.source}` cannot be loaded: {_first_line(error)}"
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


def _model_class(checkpoint: Checkpoint, model_config: Any) -> Any:  # noqa: ANN401  untyped library
    mapping = transformers.AutoModelForCausalLM._model_mapping
    if getattr(model_config, "is_encoder_decoder", False) or type(model_config) not in mapping:
        raise CheckpointError(
            f"`{checkpoint.source}` is a `{model_config.model_type}`, not a decoder that continues"
            " text",
        )
    return mapping[type(model_config)]


def _saved_dtype(checkpoint: Checkpoint, model_config: Any) -> str:  # noqa: ANN401  untyped library
    """Return the dtype of the weights on disk; what GGUF packs is computed in float32."""
    if checkpoint.kind is CheckpointKind.GGUF:
        return "float32"
    text_config = model_config.get_text_config()
    for found in (getattr(model_config, "dtype", None), getattr(text_config, "dtype", None)):
        if found is not None:
            return str(found).removeprefix("torch.")
    if checkpoint.kind is CheckpointKind.FOLDER:
        return _first_float(Path(checkpoint.source))
    return "float32"


def _first_float(folder: Path) -> str:
    for shard in find_shards(folder):
        with safe_open(shard, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118  not a mapping
                found = _SAFETENSORS_DTYPES.get(file.get_slice(name).get_dtype())
                if found is not None:
                    return found
    return "float32"


def _window(model_config: Any, tokenizer: Tokenizer) -> int:  # noqa: ANN401  untyped library
    """Return the window in tokens by lm-eval's rule: text configuration, tokenizer, 2048."""
    text_config = getattr(model_config, "text_config", None) or model_config
    for name in _WINDOW_NAMES:
        found = getattr(text_config, name, None)
        if found is not None:
            return int(found)
    found = getattr(tokenizer.backend, "model_max_length", None)
    return int(found) if found is not None and found < _UNSET_WINDOW else _FALLBACK_WINDOW


@contextmanager
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


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
