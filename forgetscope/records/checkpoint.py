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
    ADAPTER = "adapter"
    """An adapter of peft in a folder, beside the base that it was trained on."""
    ENDPOINT = "endpoint"
    """A server that completes texts; nobody sees the weights."""

    @property
    def is_proved(self) -> bool:
        """Whether the fingerprint is taken from the weights themselves."""
        return self is not CheckpointKind.ENDPOINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One set of weights in a series."""

    label: str
    """The name people see; unique in a study."""
    source: str
    """Folder, file, `BASE+ADAPTER` or URL as it was named, or `org/name` on a hub; reports show it,
    so no path of the machine stands in it unless the person wrote one."""
    kind: CheckpointKind
    revision: str | None = None
    """The commit that was resolved: of a repository on a hub, or of an adapter's base there."""
    step: int | None = None
    """Training step, where the name tells it."""
    fingerprint: str
    """Hex digest of the weights and of the configuration that changes what they compute; of a
    server, of its address, the model's name and the day."""
