"""Safetensors shards: which files make up a model, and whether each is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open

from forgetscope.errors import CheckpointError

__all__ = ["check_shards", "find_shards"]

_SINGLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"


def find_shards(folder: Path) -> tuple[Path, ...]:
    """Return the weight files that a loader would read, in the order of their names.

    Files that the index names are returned whether or not they exist; without weights the result
    is empty.
    """
    if (folder / _SINGLE).is_file():
        return (folder / _SINGLE,)
    if (folder / _INDEX).is_file():
        return tuple(folder / name for name in sorted(set(_weight_map(folder).values())))
    return ()


def check_shards(folder: Path, shards: Sequence[Path]) -> None:
    """Check that every shard exists, is complete and holds what the index says.

    Only headers are read: the check takes milliseconds whatever the size.

    Raises
    ------
    CheckpointError
        Naming the first file that is missing, cut off or does not fit the index.
    """
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise CheckpointError(
            f"`{folder}` misses {len(missing)} of {len(shards)} weight files that its index"
            f" names (first: `{missing[0]}`)",
            hint="the checkpoint was not copied completely, or is still being written",
        )
    tensors = {shard.name: _tensor_names(shard) for shard in shards}
    if (folder / _SINGLE) in shards:
        return
    for name, shard_name in _weight_map(folder).items():
        if name not in tensors[shard_name]:
            raise CheckpointError(
                f"`{folder / shard_name}` does not hold `{name}`, though the index says so",
                hint="the weight files belong to another checkpoint than the index",
            )


def _tensor_names(shard: Path) -> frozenset[str]:
    try:
        # opening compares the header with the length of the file
        with safe_open(shard, framework="numpy") as file:
            return frozenset(file.keys())
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"`{shard}` is broken: {error}", hint=_why_broken(shard)) from error


def _why_broken(shard: Path) -> str:
    with shard.open("rb") as file:
        if file.read(40).startswith(b"version https://git-lfs"):
            return "it is a Git LFS pointer; fetch the weights with `git lfs pull`"
    return "the file was cut off while being written or copied; copy or save it again"


def _weight_map(folder: Path) -> Mapping[str, str]:
    path = folder / _INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"`{path}` is no JSON: {error}") from error
    weight_map = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(f"`{path}` names no weight files: `weight_map` is missing or empty")
    return {str(name): str(shard) for name, shard in weight_map.items()}
