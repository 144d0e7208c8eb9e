"""Model folders: what is in them, and what keeps them from being used.

Everything that can be wrong with a folder is found here, before any compute is spent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import CheckpointError
from forgetscope.scoring.shards import check_shards, find_shards

__all__ = [
    "ModelFolder",
    "holds_tokenizer",
    "holds_weights",
    "looks_like_model",
    "open_folder",
    "single_gguf",
]

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer.model",
    "tekken.json",
    "vocab.json",
    "vocab.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
_PICKLE_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt")
_TRAINER_STATE = ("training_args", "optimizer", "scheduler", "rng_state", "scaler", "random_states")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A folder with everything a checkpoint needs."""

    path: Path
    weights: tuple[Path, ...]
    """Safetensors files, in the order of their names."""


def open_folder(path: Path) -> ModelFolder:
    """Check that a folder holds weights, configuration and tokenizer that can be read.

    Raises
    ------
    CheckpointError
        Naming the one thing that is missing, broken or refused.
    """
    weights = find_shards(path)
    if not weights:
        raise _no_weights(path)
    _check_config(path / "config.json")
    check_shards(path, weights)
    _check_tokenizer(path)
    return ModelFolder(path=path, weights=weights)


def holds_weights(path: Path) -> bool:
    """Whether a folder itself holds weights that could be meant as a checkpoint."""
    return bool(find_shards(path)) or single_gguf(path) is not None


def looks_like_model(path: Path) -> bool:
    """Whether anything in a folder says that it is, or should be, a model."""
    named = ("config.json", "adapter_config.json")
    return any((path / name).is_file() for name in named) or holds_weights(path)


def single_gguf(path: Path) -> Path | None:
    """Return the GGUF file of a folder that has no other weights, or `None`.

    Raises
    ------
    CheckpointError
        If there are several, so that the choice is not ours.
    """
    files = sorted(path.glob("*.gguf"))
    if not files or find_shards(path):
        return None
    if len(files) > 1:
        raise CheckpointError(
            f"`{path}` holds {len(files)} GGUF files: {_some(f.name for f in files)}",
            hint=f"name one of them, e.g. `{files[0]}`",
        )
    return files[0]


def _no_weights(path: Path) -> CheckpointError:
    """Say why a folder without usable safetensors cannot be a checkpoint."""
    pickles = [f.name for f in sorted(path.iterdir()) if _is_pickled_weights(f)]
    if pickles:
        return CheckpointError(
            f"`{path}` holds only pickled weights ({_some(pickles)}), which are refused: opening"
            " a pickle can run any program hidden in it",
            hint="if you trust them, load the model and save it again as safetensors:"
            ' `AutoModelForCausalLM.from_pretrained("old").save_pretrained("new")`',
        )
    others = [f.name for f in sorted(path.glob("*.safetensors"))]
    if others:
        return CheckpointError(
            f"`{path}` holds neither `model.safetensors` nor its index, only {_some(others)}",
            hint="save the model with `save_pretrained`",
        )
    found = [f.name for f in sorted(path.iterdir())]
    return CheckpointError(
        f"`{path}` holds no weights",
        hint=f"expected `model.safetensors` or checkpoint folders; found {_some(found)}"
        if found
        else "the folder is empty",
    )


def _is_pickled_weights(file: Path) -> bool:
    return file.suffix in _PICKLE_SUFFIXES and not file.name.startswith(_TRAINER_STATE)


def _check_config(path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(
            f"`{path.parent}` has weights but no `config.json`",
            hint="copy `config.json` of the base model if the architecture was not changed",
        )
    config = _read_json(path)
    if not isinstance(config, dict) or "model_type" not in config:
        raise CheckpointError(
            f"`{path}` does not say which architecture it configures: `model_type` is missing"
        )


def _read_json(path: Path) -> Any:  # noqa: ANN401  a JSON file may hold anything
    """Read a JSON file of a checkpoint; a broken one is a `CheckpointError`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(
            f"`{path}` is no JSON: {error}", hint="was it cut off while being copied?"
        ) from error


def holds_tokenizer(path: Path) -> bool:
    """Whether a folder holds the vocabulary of a tokenizer."""
    named = any((path / name).is_file() for name in _TOKENIZER_FILES)
    return named or any(path.glob("*.tiktoken"))


def _check_tokenizer(path: Path) -> None:
    if holds_tokenizer(path):
        return
    raise CheckpointError(
        f"`{path}` has no tokenizer",
        hint="copy `tokenizer.json` and `tokenizer_config.json` of the base model into it",
    )


def _some(names: Iterable[str], *, limit: int = 3) -> str:
    names = list(names)
    shown = ", ".join(f"`{name}`" for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"
