"""Presence: whether a checkpoint is the same one on this machine as where it was named."""

from __future__ import annotations

import platform
from pathlib import Path

from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.bases import adapter_fingerprint, adapter_of, base_of, split_sum
from forgetscope.scoring.fingerprint import folder_fingerprint, gguf_fingerprint
from forgetscope.scoring.folders import open_folder

__all__ = ["check_weights"]


def check_weights(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that is another one on this machine.

    Raises
    ------
    CheckpointError
        If nothing usable lies where it should, or other weights do.
    """
    path = Path(checkpoint.source).expanduser()
    match checkpoint.kind:
        case CheckpointKind.HUB | CheckpointKind.ENDPOINT:
            return  # the fingerprint is the commit that is loaded; a server is asked from anywhere
        case CheckpointKind.FOLDER if path.is_dir():
            found = folder_fingerprint(open_folder(path.resolve()))
        case CheckpointKind.GGUF if path.is_file():
            found = gguf_fingerprint(path.resolve())
        case CheckpointKind.ADAPTER if path.is_dir() or split_sum(checkpoint.source):
            found = _adapter(checkpoint)
        case _:
            raise CheckpointError(
                f"`{checkpoint.source}` does not exist on `{platform.node()}`",
                hint="workers need a file system that all machines share",
            )
    if found != checkpoint.fingerprint:
        raise CheckpointError(
            f"`{checkpoint.source}` holds other weights on `{platform.node()}`",
            hint="they changed meanwhile, or machines have files of their own: share them",
        )


def _adapter(checkpoint: Checkpoint) -> str:
    adapter = adapter_of(checkpoint)
    return "" if adapter is None else adapter_fingerprint(adapter, base_of(checkpoint))
