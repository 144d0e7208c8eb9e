"""Taking over: a checkpoint is copied into the model of another one that is in memory.

A checkpoint whose files hold exactly the tensors of that model is copied tensor by tensor: nothing
is built anew, and memory holds one model. What does not fit so plainly (another configuration,
other names, tensors that `transformers` changes while it loads them) is loaded afresh.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.blueprint import Blueprint
from forgetscope.scoring.shards import find_shards

__all__ = ["copy_files", "folder_of", "holds_files", "plain_key"]

_COMPARED_ROWS = 8
"""Rows of each tensor that must be in the model as they are in the file: whatever moves, joins or
scales tensors on their way shows in them."""
_UNREADABLE = (OSError, RuntimeError, ValueError, SafetensorError)


def folder_of(checkpoint: Checkpoint) -> Path:
    """Return the folder of a checkpoint of that kind."""
    return Path(checkpoint.source).expanduser()


def plain_key(checkpoint: Checkpoint, blueprint: Blueprint, device: torch.device) -> str:
    """Return all that a model is besides its weights; empty if it is never copied."""
    if checkpoint.kind is not CheckpointKind.FOLDER:
        return ""
    settings = blueprint.model_config.to_dict()
    if settings.get("quantization_config"):
        return ""
    for name in ("_name_or_path", "transformers_version"):
        settings.pop(name, None)
    generation = folder_of(checkpoint) / "generation_config.json"
    parts = [
        *(type(blueprint.model_config).__qualname__, settings),
        *(blueprint.dtype, blueprint.attention, str(device)),
        generation.read_text() if generation.is_file() else None,
    ]
    return json.dumps(parts, sort_keys=True, default=str)


def copy_files(model: Any, folder: Path) -> bool:  # noqa: ANN401  untyped library
    """Copy the tensors of a folder into a model; `False` if they do not fit, or cannot be read.

    After `False` the model may hold some of them: nobody may ask it.
    """
    try:
        state = model.state_dict()
        if not _fits(state, folder):
            return False
        with torch.no_grad():
            for shard in find_shards(folder):
                with safe_open(shard, framework="pt") as file:
                    for name in file.keys():  # noqa: SIM118  not a mapping
                        state[name].copy_(file.get_tensor(name))
    except _UNREADABLE:
        return False  # loading afresh says what is wrong
    return True


def _fits(state: dict[str, torch.Tensor], folder: Path) -> bool:
    """Whether files hold each tensor of a model once, by its name and shape."""
    found: dict[str, int] = {}
    for shard in find_shards(folder):
        with safe_open(shard, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  not a mapping
                own = state.get(name)
                if own is None or list(own.shape) != file.get_slice(name).get_shape():
                    return False
                found[name] = own.data_ptr()
    pointers = set(found.values())
    # tied tensors are stored under one of their names
    return len(pointers) == len(found) and all(t.data_ptr() in pointers for t in state.values())


def holds_files(model: Any, folder: Path) -> bool:  # noqa: ANN401  untyped library
    """Whether a model's tensors are those of the files, by samples of their rows."""
    rows = random.Random(0)
    try:
        state = model.state_dict()
        if not _fits(state, folder):
            return False
        for shard in find_shards(folder):
            with safe_open(shard, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118  not a mapping
                    own, stored = state[name], file.get_slice(name)
                    n_rows = own.shape[0] if own.ndim else 0
                    for row in rows.sample(range(n_rows), min(n_rows, _COMPARED_ROWS)):
                        expected = stored[row : row + 1].to(own.dtype).to(own.device)
                        if not torch.equal(own[row : row + 1], expected):
                            return False
    except _UNREADABLE:
        return False
    return True
