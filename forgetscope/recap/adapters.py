"""Adapters: LoRA matrices, scaled, or added to the weights they were trained beside.

The change of a weight is scale B A; a part of the way to the tuned model is a part of B.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from forgetscope.errors import CheckpointError
from forgetscope.recap.folders import read_json, write_checkpoint
from forgetscope.recap.interpolation import open_weights
from forgetscope.recap.weights import ITEM_BYTES, TensorSpec, Weights, in_pieces
from forgetscope.scoring.shards import find_shards

__all__ = ["check_adapter", "is_adapter", "merge_adapter", "scale_adapter"]

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_MATRIX = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")
_BEYOND = (
    "use_dora",
    "lora_bias",
    "modules_to_save",
    "trainable_token_indices",
    "target_parameters",
    "layer_replication",
)
"""Settings with which the change is no longer scale B A."""
_PLAIN_STARTS = (None, True, False, "gaussian", "eva", "orthogonal")
"""Ways to begin that leave the base as it is."""
_ROWS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The two matrices beside one weight."""

    module: str
    a: str
    b: str


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter and no weights of its own."""
    return (folder / _CONFIG).is_file() and not find_shards(folder)


def check_adapter(base: Path, adapter: Path) -> None:
    """Check that an adapter belongs to a base and can be scaled; nothing is computed.

    Raises
    ------
    CheckpointError
        Naming what does not fit.
    """
    with open_weights(base) as weights, _opened(adapter) as matrices:
        _Merge(base, adapter, weights, matrices)


def scale_adapter(adapter: Path, out: Path, *, share: float) -> Path:
    """Write the same adapter with its B matrices times `share`.

    Parameters
    ----------
    adapter
        Folder of a LoRA adapter, as peft saves it.
    out
        The new folder; it appears whole or not at all.
    share
        Of the change that the adapter makes, in [0, 1].

    Raises
    ------
    CheckpointError
        If the adapter is of another kind or cannot be read, or `out` cannot be written.
    """
    with _opened(adapter) as matrices:
        scaled = {pair.b for pair in _pairs(adapter, matrices)}

        def pieces(spec: TensorSpec) -> Iterator[torch.Tensor]:
            for (piece,) in in_pieces(matrices.read(spec.name)):
                is_scaled = spec.name in scaled and share != 1.0
                yield (piece.float() * share).to(piece.dtype) if is_scaled else piece

        specs = [matrices.spec(name) for name in matrices.names]
        write_checkpoint(out, {_WEIGHTS: specs}, pieces, companions=(adapter,))
    return out


def merge_adapter(base: Path, adapter: Path, out: Path, *, share: float) -> Path:
    """Write the base with `share` of the adapter's change added, in the dtype of the base.

    Memory for a tensor is enough. The configuration is that of the base, the tokenizer that of the
    adapter if it brings one.

    Raises
    ------
    CheckpointError
        If the two do not fit, or `out` cannot be written.
    """
    with open_weights(base) as weights, _opened(adapter) as matrices:
        merge = _Merge(base, adapter, weights, matrices)
        write_checkpoint(
            out,
            {
                name: [weights.spec(each) for each in found]
                for name, found in weights.layout.items()
            },
            lambda spec: merge.pieces(spec, share),
            companions=(base, adapter),
        )
    return out


class _Merge:
    """A base with an adapter beside it."""

    def __init__(self, base: Path, adapter: Path, weights: Weights, matrices: Weights) -> None:
        self._weights, self._matrices = weights, matrices
        self._config = _config(adapter)
        self._beside: dict[str, _Pair] = {}
        for pair in _pairs(adapter, matrices):
            name = _named(weights, pair.module)
            if name is None:
                raise CheckpointError(
                    f"`{base}` has no weight for `{pair.module}`, which the adapter `{adapter}`"
                    " changes",
                    hint="name the base that the adapter was trained on",
                )
            left, right = self._factors(pair)
            shape = weights.spec(name).shape
            if shape != (left.shape[0], right.shape[1]):
                raise CheckpointError(
                    f"`{name}` is {shape} in `{base}`, and the adapter `{adapter}` changes a weight"
                    f" of {(left.shape[0], right.shape[1])}",
                    hint="name the base that the adapter was trained on",
                )
            self._beside[name] = pair

    def pieces(self, spec: TensorSpec, share: float) -> Iterator[torch.Tensor]:
        weight = self._weights.read(spec.name)
        pair = self._beside.get(spec.name)
        if pair is None or share == 0.0:
            yield weight
            return
        left, right = self._factors(pair)
        scale = share * _scale(self._config, pair.module, rank=left.shape[1])
        wide = torch.promote_types(weight.dtype, torch.float32)
        for rows, some in zip(torch.split(weight, _ROWS), torch.split(left, _ROWS), strict=True):
            change = some.to(wide) @ right.to(wide)
            yield (rows.to(wide) + scale * change).to(weight.dtype)

    def _factors(self, pair: _Pair) -> tuple[torch.Tensor, torch.Tensor]:
        """Return two matrices whose product lies as the weight does."""
        a, b = self._matrices.read(pair.a), self._matrices.read(pair.b)
        return (a.T, b.T) if self._config.get("fan_in_fan_out") else (b, a)


def _scale(config: Mapping[str, Any], module: str, *, rank: int) -> float:
    """Return alpha / r, or alpha / sqrt(r) (rsLoRA, arXiv:2312.03732)."""
    alpha = config["lora_alpha"]
    for pattern, own in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = own
            break
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _named(weights: Weights, module: str) -> str | None:
    """Return the weight of a module, also where the file leaves out the name of the whole."""
    wanted = f"{module}.weight"
    if wanted in weights:
        return wanted
    found = [name for name in weights.names if wanted.endswith(f".{name}")]
    return found[0] if len(found) == 1 else None


def _config(adapter: Path) -> dict[str, Any]:
    """Return the configuration of an adapter that can be scaled."""
    config = read_json(adapter / _CONFIG)
    kind = config.get("peft_type")
    beyond = [name for name in _BEYOND if config.get(name)]
    if config.get("bias", "none") != "none":
        beyond.append("bias")
    if config.get("init_lora_weights") not in _PLAIN_STARTS:
        beyond.append("init_lora_weights")
    if kind != "LORA" or not isinstance(config.get("lora_alpha"), int | float) or beyond:
        what = f"uses `{beyond[0]}`" if kind == "LORA" and beyond else f"is of the kind `{kind}`"
        raise CheckpointError(
            f"the adapter `{adapter}` {what}, so its change cannot be scaled by its B matrices",
            hint="merge it into its base (peft: `model.merge_and_unload()`, then `save_pretrained`)"
            " and name the merged checkpoint",
        )
    return config


def _opened(adapter: Path) -> Weights:
    path = adapter / _WEIGHTS
    if not path.is_file():
        raise CheckpointError(
            f"the adapter `{adapter}` has no `{_WEIGHTS}`",
            hint="save it with `save_pretrained`; pickled weights are refused",
        )
    try:
        return Weights([path])
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"`{path}` is broken: {error}") from error


def _pairs(adapter: Path, matrices: Weights) -> list[_Pair]:
    """Return the matrices, two by two."""
    _config(adapter)
    names: dict[str, dict[str, str]] = {}
    for name in matrices.names:
        match = _MATRIX.fullmatch(name)
        spec = matrices.spec(name)
        if match is None or len(spec.shape) != 2 or spec.dtype not in ITEM_BYTES:
            raise CheckpointError(
                f"the adapter `{adapter}` holds `{name}`, no LoRA matrix of a linear layer",
                hint="merge it into its base and name the merged checkpoint",
            )
        names.setdefault(match["module"], {})[match["side"]] = name
    for module, sides in names.items():
        if len(sides) != 2:
            raise CheckpointError(f"the adapter `{adapter}` has half a pair for `{module}`")
    if not names:
        raise CheckpointError(f"the adapter `{adapter}` holds no LoRA matrices")
    return [_Pair(module=module, a=two["A"], b=two["B"]) for module, two in names.items()]
