"""Weights on disk: read and written one tensor at a time, so that models need not fit in memory."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from safetensors import safe_open

__all__ = [
    "ITEM_BYTES",
    "TensorSpec",
    "Weights",
    "float_dtype",
    "in_pieces",
    "write_index",
    "write_tensors",
]

_FLOATS: Mapping[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
ITEM_BYTES: Mapping[str, int] = {
    **{name: dtype.itemsize for name, dtype in _FLOATS.items()},
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
}
"""Size of one number of the dtypes that are written here, by their names in safetensors."""

_PIECE = 1 << 22
"""Numbers that are computed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorSpec:
    """What a file says of a tensor before it is read."""

    name: str
    dtype: str
    """As safetensors calls it, e.g. `BF16`."""
    shape: tuple[int, ...]

    @property
    def n_bytes(self) -> int:
        """Size in a file."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


class Weights:
    """The tensors of some safetensors files; use it as a context manager.

    Parameters
    ----------
    files
        Whole files, as `scoring.shards.check_shards` wants them.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._stack = ExitStack()
        self._files: dict[str, Any] = {}
        self.layout: dict[str, tuple[str, ...]] = {}
        """Names of the tensors in each file."""
        for path in files:
            file = self._stack.enter_context(safe_open(path, framework="pt"))
            self.layout[path.name] = tuple(file.keys())
            self._files |= dict.fromkeys(self.layout[path.name], file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.clear()
        self._stack.close()

    @property
    def names(self) -> tuple[str, ...]:
        """All tensors, file by file."""
        return tuple(self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def spec(self, name: str) -> TensorSpec:
        """Return what is known of a tensor; it is not read."""
        found = self._files[name].get_slice(name)
        return TensorSpec(name=name, dtype=found.get_dtype(), shape=tuple(found.get_shape()))

    def read(self, name: str) -> torch.Tensor:
        """Return a tensor, read from its file now."""
        tensor: torch.Tensor = self._files[name].get_tensor(name)
        return tensor


def float_dtype(name: str) -> torch.dtype | None:
    """Return the dtype if one can go a part of the way between its numbers, else `None`."""
    return _FLOATS.get(name)


def in_pieces(*tensors: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """Yield tensors of one shape side by side, in flat pieces small enough to compute with."""
    return zip(*(torch.split(tensor.flatten(), _PIECE) for tensor in tensors), strict=True)


def write_tensors(
    path: Path,
    specs: Iterable[TensorSpec],
    pieces_of: Callable[[TensorSpec], Iterable[torch.Tensor]],
) -> None:
    """Write a safetensors file, piece by piece as the numbers come.

    Parameters
    ----------
    path
        The file; an existing one is replaced.
    specs
        Its tensors.
    pieces_of
        Returns the numbers of a tensor in order, in its dtype.
    """
    # the widest numbers first, as the library itself writes them: all stay aligned
    ordered = sorted(specs, key=lambda spec: (-ITEM_BYTES[spec.dtype], spec.name))
    with path.open("wb") as file:
        file.write(_header(ordered))
        for spec in ordered:
            n_bytes = sum(file.write(_raw(piece)) for piece in pieces_of(spec))
            if n_bytes != spec.n_bytes:
                raise ValueError(f"`{spec.name}` has {n_bytes} bytes, not {spec.n_bytes}")


def _header(specs: Sequence[TensorSpec]) -> bytes:
    content: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    start = 0
    for spec in specs:
        content[spec.name] = {
            "dtype": spec.dtype,
            "shape": list(spec.shape),
            "data_offsets": [start, start + spec.n_bytes],
        }
        start += spec.n_bytes
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _raw(piece: torch.Tensor) -> memoryview:
    return piece.contiguous().flatten().view(torch.uint8).numpy().data


def write_index(path: Path, files: Mapping[str, Sequence[TensorSpec]]) -> None:
    """Write the index of several files of one checkpoint."""
    specs = [spec for found in files.values() for spec in found]
    index = {
        "metadata": {"total_size": sum(spec.n_bytes for spec in specs)},
        "weight_map": {spec.name: name for name, found in files.items() for spec in found},
    }
    path.write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
