"""Whole checkpoints: weights with the files beside them without which they answer nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from forgetscope.errors import CheckpointError, ForgetscopeError
from forgetscope.recap.weights import TensorSpec, write_index, write_tensors
from forgetscope.store.files import write_whole_folder

__all__ = ["read_json", "write_checkpoint"]

_SUFFIXES = frozenset({".jinja", ".json", ".model", ".tiktoken", ".txt"})
_OF_THE_RUN = "trainer_state.json"
_OF_AN_ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


def write_checkpoint(
    out: Path,
    files: Mapping[str, Sequence[TensorSpec]],
    pieces_of: Callable[[TensorSpec], Iterable[torch.Tensor]],
    *,
    companions: Sequence[Path],
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write a checkpoint folder; it appears whole or not at all.

    Parameters
    ----------
    out
        The folder; an existing one is replaced at the end.
    files
        The tensors of each weight file.
    pieces_of
        Returns the numbers of a tensor in order, in its dtype.
    companions
        Folders whose configuration and tokenizer are copied, later ones over earlier ones;
        nothing that could be run is copied.
    changes
        For each JSON file among them, values to be put in place of its own wherever they stand.

    Raises
    ------
    CheckpointError
        If the folder cannot be written, e.g. because the disk is full.
    """
    try:
        with write_whole_folder(out) as folder:
            config, weights = _OF_AN_ADAPTER
            left = {_OF_THE_RUN} if weights in files else {_OF_THE_RUN, config}
            for source in companions:
                _copy(source, folder, left=left)
            for name, values in (changes or {}).items():
                _change(folder / name, values)
            for name, specs in files.items():
                write_tensors(folder / name, specs, pieces_of)
            if len(files) > 1:
                write_index(folder / "model.safetensors.index.json", files)
    except ForgetscopeError:
        raise
    except OSError as error:
        raise CheckpointError(
            f"cannot write the weights to `{out}`: {error.strerror or error}",
            hint="free some space, or choose another folder with `--out`; nothing was left behind",
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file of a checkpoint holds; empty where it is no mapping.

    Raises
    ------
    CheckpointError
        If it is no JSON.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"`{path}` is no JSON: {error}") from error
    return content if isinstance(content, dict) else {}


def _copy(source: Path, folder: Path, *, left: Collection[str]) -> None:
    for file in sorted(source.iterdir()):
        is_wanted = file.suffix in _SUFFIXES and file.name not in left
        if is_wanted and file.is_file() and not file.name.endswith(".index.json"):
            shutil.copyfile(file, folder / file.name)


def _change(path: Path, values: Mapping[str, Any]) -> None:
    content = read_json(path)
    _replace(content, values)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _replace(content: dict[str, Any], values: Mapping[str, Any]) -> None:
    content.update({key: value for key, value in values.items() if key in content})
    for part in content.values():
        if isinstance(part, dict):
            _replace(part, values)
