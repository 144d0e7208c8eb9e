"""Weights fingerprints: equal only if two checkpoints compute the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from forgetscope.scoring.digests import file_digest
from forgetscope.scoring.folders import ModelFolder

__all__ = ["folder_fingerprint", "gguf_fingerprint"]

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


def _add(total: hashlib._Hash, *parts: str) -> None:
    # length-prefixed, so that no two lists of parts run into the same bytes
    for part in parts:
        total.update(f"{len(part)}:{part},".encode())
