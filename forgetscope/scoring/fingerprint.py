"""Weights fingerprints: equal only if two checkpoints compute the same."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.digests import file_digest
from forgetscope.scoring.folders import ModelFolder, open_folder

__all__ = ["check_weights", "folder_fingerprint", "gguf_fingerprint"]

_CONFIGURATION = ("config.json", "generation_config.json")
"""Files beside the weights that change what a model computes or when it stops."""


def folder_fingerprint(folder: ModelFolder) -> str:
    """Return the fingerprint of a folder of safetensors, in hex.

    It is the sha256 over name, size and content hash of every weight file in the order of their
    names, and over the content of `config.json` and `generation_config.json`. Where the folder
    lies does not matter.
    """
    total = hashlib.sha256()
    for path in sorted(folder.weights):
        _add(total, path.name, str(path.stat().st_size), file_digest(path))
    for name in _CONFIGURATION:
        path = folder.path / name
        if path.is_file():
            _add(total, name, hashlib.sha256(path.read_bytes()).hexdigest())
    return total.hexdigest()


def gguf_fingerprint(file: Path) -> str:
    """Return the fingerprint of a GGUF file, which carries its own configuration."""
    return file_digest(file)


def check_weights(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that is another one on this machine.

    Raises
    ------
    CheckpointError
        If nothing usable lies where it should, or other weights do.
    """
    path = Path(checkpoint.source)
    match checkpoint.kind:
        case CheckpointKind.HUB:
            return  # its fingerprint is the commit that is loaded
        case CheckpointKind.FOLDER if path.is_dir():
            found = folder_fingerprint(open_folder(path.resolve()))
        case CheckpointKind.GGUF if path.is_file():
            found = gguf_fingerprint(path.resolve())
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


def _add(total: hashlib._Hash, *parts: str) -> None:
    # length-prefixed, so that no two lists of parts run into the same bytes
    for part in parts:
        total.update(f"{len(part)}:{part},".encode())
