"""The machine: how much memory weights would take, and how much there is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import prod
from pathlib import Path

from safetensors import safe_open

from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.shards import find_shards

__all__ = ["Memory", "free_memory_of", "weights_bytes"]

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where weights would lie."""

    device: str
    """`cpu` or `cuda`."""
    n_free: int | None
    """Bytes that are free now; `None` where the system does not say."""


def weights_bytes(checkpoint: Checkpoint, *, dtype: str) -> int | None:
    """Return the bytes of a checkpoint's weights in memory; `None` if it is no folder.

    Only the headers of the files are read. Tensors that are shared are counted once, as they are
    saved once; activations and what is kept of texts come on top.

    Parameters
    ----------
    dtype
        `float32`, `bfloat16` or `float16`.
    """
    if checkpoint.kind is not CheckpointKind.FOLDER:
        return None
    total = 0
    for shard in find_shards(Path(checkpoint.source)):
        with safe_open(shard, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118  not a mapping
                total += prod(file.get_slice(name).get_shape()) * _BYTES.get(dtype, 4)
    return total


def free_memory_of(device: str) -> Memory:
    """Return the free memory of a device.

    Parameters
    ----------
    device
        A torch device, or `auto`: a GPU where there is one, else the CPU.
    """
    from forgetscope.scoring.loading import resolve_device

    found = resolve_device(device)
    if found.type == "cuda":
        import torch

        n_free, _ = torch.cuda.mem_get_info(found)
        return Memory(device=str(found), n_free=int(n_free))
    return Memory(device=found.type, n_free=_free_ram() if found.type == "cpu" else None)


def _free_ram() -> int | None:
    """Return what programs can have without swapping."""
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
