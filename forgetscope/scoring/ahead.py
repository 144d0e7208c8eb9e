"""Reading ahead: the files of the next checkpoint come from the disk while the present one answers.

They are read through into the system's own file cache, and nothing is held by this process: its
memory stays that of one model, and the system takes the cache back whenever something else needs
it. Where the files would not fit into what is free, they are left alone.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.shards import find_shards

__all__ = ["read_ahead"]

_CHUNK_BYTES = 8 * 2**20


def read_ahead(checkpoint: Checkpoint) -> threading.Thread | None:
    """Begin to read the weights of a checkpoint; `None` if that is not done.

    The thread ends by itself; a file that cannot be read is left to whoever loads it.
    """
    files = _weights(checkpoint)
    with suppress(OSError):
        n_bytes = sum(file.stat().st_size for file in files)
        if 0 < n_bytes < _available_bytes():
            thread = threading.Thread(target=_read_through, args=(files,), daemon=True)
            thread.start()
            return thread
    return None


def _weights(checkpoint: Checkpoint) -> tuple[Path, ...]:
    match checkpoint.kind:
        case CheckpointKind.FOLDER:
            return find_shards(Path(checkpoint.source).expanduser())
        case CheckpointKind.GGUF:
            return (Path(checkpoint.source),)
        case _:
            return ()


def _available_bytes() -> int:
    """Return what programs can still have, the file cache counted; 0 where the system is silent."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * 1024
    return 0


def _read_through(files: tuple[Path, ...]) -> None:
    buffer = bytearray(_CHUNK_BYTES)
    for file in files:
        with suppress(OSError), file.open("rb", buffering=0) as stream:
            while stream.readinto(buffer):
                pass
