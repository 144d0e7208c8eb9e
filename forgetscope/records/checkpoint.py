"""Checkpoints: weights that can answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Checkpoint", "CheckpointKind"]


class CheckpointKind(StrEnum):
    """Where the weights of a checkpoint lie."""

    FOLDER = "folder"
    HUB = "hub"
    GGUF = "gguf"
    LOG = "log"
    """No weights at all: what another program logged of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One set of weights in a series."""

    label: str
    """The name people see; unique in a study."""
    source: str
    """Folder or file as it was named, or `org/name` on a hub; reports show it, so no path of the
    machine stands in it unless the person wrote one."""
    kind: CheckpointKind
    revision: str | None = None
    """Hub only: the commit that was resolved."""
    step: int | None = None
    """Training step, where the name tells it."""
    fingerprint: str
    """Hex digest of the weights and of the configuration that changes what they compute."""
