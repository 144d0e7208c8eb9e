"""Blueprints: what is known about a model before its weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import transformers
from safetensors import safe_open

from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.bases import base_of
from forgetscope.scoring.config import SIGHTED_BACKENDS, EngineConfig, backend_of
from forgetscope.scoring.place import place_of
from forgetscope.scoring.shards import find_shards
from forgetscope.scoring.tokenizer import Tokenizer

__all__ = ["Blueprint", "first_line", "open_blueprint", "server_window"]

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
    model_config = _model_config(checkpoint)
    sees = backend_of(config.name) in SIGHTED_BACKENDS
    model_class = _model_class(checkpoint, model_config, sees=sees)
    return Blueprint(
        model_config=model_config,
        dtype=config.dtype if config.dtype != "auto" else _saved_dtype(checkpoint, model_config),
        attention="sdpa" if model_class._supports_sdpa else "eager",
        max_length=config.max_length or _window(model_config, tokenizer),
    )


def first_line(error: Exception) -> str:
    """Return what an error of a foreign library says first."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


@lru_cache(maxsize=32)
def _model_config(checkpoint: Checkpoint) -> Any:  # noqa: ANN401  untyped library
    # remembered, because a GGUF file takes seconds; the key holds the fingerprint
    place = place_of(checkpoint)
    try:
        return transformers.AutoConfig.from_pretrained(
            place.source, trust_remote_code=False, **place.keywords
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise CheckpointError(
            f"the configuration of `{checkpoint.source}` cannot be used: {first_line(error)}",
            hint="code inside a checkpoint is never run; the architecture must be one that the"
            " installed transformers knows",
        ) from error


def _model_class(
    checkpoint: Checkpoint,
    model_config: Any,  # noqa: ANN401  untyped library
    *,
    sees: bool,
) -> Any:  # noqa: ANN401
    if sees:
        return _sighted_class(checkpoint, model_config)
    mapping = transformers.AutoModelForCausalLM._model_mapping
    if getattr(model_config, "is_encoder_decoder", False) or type(model_config) not in mapping:
        raise CheckpointError(
            f"`{checkpoint.source}` is a `{model_config.model_type}`, not a decoder that continues"
            " text",
            hint="`--engine lm_eval:hf-multimodal` asks models that see"
            if type(model_config) in transformers.AutoModelForImageTextToText._model_mapping
            else None,
        )
    return mapping[type(model_config)]


def _sighted_class(checkpoint: Checkpoint, model_config: Any) -> Any:  # noqa: ANN401
    mapping = transformers.AutoModelForImageTextToText._model_mapping
    if type(model_config) not in mapping:
        raise CheckpointError(
            f"`{checkpoint.source}` is a `{model_config.model_type}`, which reads no pictures",
            hint="leave `--engine` out for checkpoints that read text alone",
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
    beneath = base_of(checkpoint)
    if beneath.kind is CheckpointKind.FOLDER:
        return _first_float(Path(beneath.source).expanduser())
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
    return _window_of_tokenizer(tokenizer)


def server_window(tokenizer: Tokenizer, config: EngineConfig) -> int:
    """Return the window in tokens of what a server runs, whose configuration nobody sees."""
    return config.max_length or _window_of_tokenizer(tokenizer)


def _window_of_tokenizer(tokenizer: Tokenizer) -> int:
    found = getattr(tokenizer.backend, "model_max_length", None)
    return int(found) if found is not None and found < _UNSET_WINDOW else _FALLBACK_WINDOW
