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
    if not _is_packed(folder):
        for shard in shards:
            _refuse_integers(shard)
    _refuse_doubles(folder, tensors)
    if (folder / _SINGLE) in shards:
        return
    for name, shard_name in _weight_map(folder).items():
        if name not in tensors[shard_name]:
            raise CheckpointError(
                f"`{folder / shard_name}` does not hold `{name}`, though the index says so",
                hint="the weight files belong to another checkpoint than the index",
            )


def _is_packed(folder: Path) -> bool:
    """Whether the configuration says that weights are packed into integers."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # said elsewhere
    return not isinstance(config, dict) or "quantization_config" in config


def _refuse_integers(shard: Path) -> None:
    """Refuse weights whose header calls them integers: a loader would turn them into numbers."""
    with safe_open(shard, framework="numpy") as file:
        for name in file.keys():  # noqa: SIM118  not a mapping
            dtype = file.get_slice(name).get_dtype()
            if name.endswith(".weight") and dtype.startswith(("I", "U", "BOOL")):
                raise CheckpointError(
                    f"`{shard}` calls the weight `{name}` {dtype}, and `config.json` knows no"
                    " quantization",
                    hint="the header is wrong, or `quantization_config` is missing; save it again",
                )


def _refuse_doubles(folder: Path, tensors: Mapping[str, frozenset[str]]) -> None:
    """Refuse a tensor that lies in two files: which of them counts is not ours to guess."""
    seen: dict[str, str] = {}
    for shard, names in tensors.items():
        for name in sorted(names):
            if seen.setdefault(name, shard) != shard:
                raise CheckpointError(
                    f"`{folder}` holds `{name}` twice, in `{seen[name]}` and in `{shard}`",
                    hint="files of two checkpoints were mixed; copy or save it again",
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
    for shard in weight_map.values():
        if not isinstance(shard, str) or not _is_file_name(shard):
            raise CheckpointError(
                f"`{path}` names `{shard}`, which is no safetensors file of its own folder",
                hint="an index that leads elsewhere is refused; save the model again",
            )
    return {str(name): shard for name, shard in weight_map.items()}


def _is_file_name(name: str) -> bool:
    is_inside = not set(name) & {"/", "\\", "\x00"} and name.endswith(".safetensors")
    return is_inside and name == name.strip()
