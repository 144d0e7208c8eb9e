"""Adapter folders: what is in them, and what keeps them from being used on a base.

Only headers are read, as for whole models, so that what is wrong shows before any compute.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from forgetscope.errors import CheckpointError
from forgetscope.scoring.digests import file_digest
from forgetscope.scoring.shards import find_shards

__all__ = [
    "AdapterFolder",
    "adapter_digest",
    "check_fit",
    "holds_adapter",
    "open_adapter",
]

_CONFIG, _WEIGHTS, _PICKLE = "adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"
_MATRIX = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")
_PLAIN_STARTS = (None, True, False, "gaussian", "eva", "orthogonal")
"""Ways to begin that leave the base as it is."""
_OF_PROMPTS = ("PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT")
_NOT_MEANT = ("base_model_name_or_path", "revision", "inference_mode", "auto_mapping")
"""Settings that say where a base lies or how a run goes on, not what the adapter computes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterFolder:
    """A folder with an adapter of peft."""

    path: Path
    config: Mapping[str, Any]
    """What `adapter_config.json` says."""

    @property
    def weights(self) -> Path:
        """The file with its matrices."""
        return self.path / _WEIGHTS

    @property
    def base(self) -> str | None:
        """What it was trained on, as the training named it: a path or `org/name`."""
        named = self.config.get("base_model_name_or_path")
        return str(named) if named else None

    @property
    def base_revision(self) -> str | None:
        """Revision of the base on a hub."""
        named = self.config.get("revision")
        return str(named) if named else None


def holds_adapter(path: Path) -> bool:
    """Whether a folder holds an adapter and no weights of its own."""
    return (path / _CONFIG).is_file() and not find_shards(path)


def open_adapter(path: Path) -> AdapterFolder:
    """Check that a folder holds an adapter that can be put on a base and taken off again.

    Raises
    ------
    CheckpointError
        Naming the one thing that is missing, broken or refused.
    """
    config = _config(path / _CONFIG)
    _check_kind(path, config)
    adapter = AdapterFolder(path=path, config=config)
    if not adapter.weights.is_file():
        raise _no_weights(path)
    shapes = _shapes(adapter.weights)
    if not shapes:
        raise CheckpointError(f"`{adapter.weights}` holds no weights")
    _check_ranks(adapter, shapes)
    return adapter


def check_fit(adapter: AdapterFolder, base: Path) -> None:
    """Check that the LoRA matrices of an adapter have the shapes that a base asks for.

    What cannot be told from names and headers is told when the adapter is put on.

    Raises
    ------
    CheckpointError
        Naming the first weight that does not fit.
    """
    beside = {name: shape for shard in find_shards(base) for name, shape in _shapes(shard).items()}
    is_turned = bool(adapter.config.get("fan_in_fan_out"))
    for module, (a, b) in _pairs(_shapes(adapter.weights)):
        name = f"{module}.weight"
        # a file may leave out the name of the whole, as it may write it
        found = beside.get(name) or beside.get(name.partition(".")[2])
        if found is None or len(found) != 2:
            continue
        wanted = (a[1], b[0]) if is_turned else (b[0], a[1])
        if found != wanted:
            raise CheckpointError(
                f"the adapter `{adapter.path}` does not fit the base `{base}`: `{module}` is"
                f" {found} there, and the adapter changes a weight of {wanted}",
                hint="name the base that it was trained on: `BASE+ADAPTER`",
            )


def adapter_digest(adapter: AdapterFolder) -> str:
    """Return the hex digest of what an adapter computes, wherever it and its base lie."""
    meant = {name: value for name, value in adapter.config.items() if name not in _NOT_MEANT}
    parts = [file_digest(adapter.weights.resolve()), json.dumps(meant, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise CheckpointError(
            f"`{path}` cannot be read: {error}", hint="was it cut off while being copied?"
        ) from error
    if not isinstance(config, dict) or not config.get("peft_type"):
        raise CheckpointError(f"`{path}` does not say what kind of adapter it is: no `peft_type`")
    return config


def _check_kind(path: Path, config: Mapping[str, Any]) -> None:
    kind = str(config["peft_type"])
    if kind in _OF_PROMPTS:
        raise CheckpointError(
            f"the adapter `{path}` is of the kind `{kind}`, which changes what is asked and not the"
            " weights",
            hint="only adapters beside weights (LoRA and its like) can be evaluated",
        )
    start = config.get("init_lora_weights")
    if start not in _PLAIN_STARTS:
        raise CheckpointError(
            f"the adapter `{path}` began with `init_lora_weights={start}`, which changes the base"
            " itself",
            hint="convert it to plain LoRA (peft: `save_pretrained` with"
            " `path_initial_model_for_weight_conversion`), or merge it into its base",
        )


def _no_weights(path: Path) -> CheckpointError:
    if (path / _PICKLE).is_file():
        return CheckpointError(
            f"the adapter `{path}` has only pickled weights (`{_PICKLE}`), which are refused:"
            " opening a pickle can run any program hidden in it",
            hint="if you trust them, load the adapter and save it again with `save_pretrained`,"
            " which writes safetensors",
        )
    return CheckpointError(
        f"the adapter `{path}` has no `{_WEIGHTS}`",
        hint="the checkpoint was not copied completely, or is still being written",
    )


def _check_ranks(adapter: AdapterFolder, shapes: Mapping[str, tuple[int, ...]]) -> None:
    for module, (a, b) in _pairs(shapes):
        rank = _rank(adapter.config, module)
        if not a[0] == b[1] == rank:
            raise CheckpointError(
                f"the adapter `{adapter.path}` has matrices of rank {a[0]} and {b[1]} for"
                f" `{module}`, and its `{_CONFIG}` says {rank}",
                hint="weights and configuration belong to different adapters",
            )


def _rank(config: Mapping[str, Any], module: str) -> int | None:
    for pattern, own in (config.get("rank_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return int(own)
    rank = config.get("r")
    return int(rank) if rank is not None else None


def _pairs(
    shapes: Mapping[str, tuple[int, ...]],
) -> Iterator[tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]]:
    """Yield the shapes of A and B of each linear layer that LoRA changes."""
    sides: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        match = _MATRIX.fullmatch(name)
        if match is not None and len(shape) == 2:
            sides.setdefault(match["module"], {})[match["side"]] = shape
    for module, two in sides.items():
        if len(two) == 2:
            yield module, (two["A"], two["B"])


def _shapes(file: Path) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(file, framework="numpy") as opened:
            return {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118  not a mapping
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"`{file}` is broken: {error}",
            hint="the file was cut off while being written or copied; copy or save it again",
        ) from error
