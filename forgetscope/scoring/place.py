"""Places: where and how `from_pretrained` finds a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint, CheckpointKind

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The first argument of `from_pretrained`, and the keywords that belong to it."""

    source: str
    keywords: Mapping[str, Any]


def place_of(checkpoint: Checkpoint) -> Place:
    """Return the place of a checkpoint; `CheckpointError` if there are no weights."""
    match checkpoint.kind:
        case CheckpointKind.FOLDER:
            return Place(source=checkpoint.source, keywords={"local_files_only": True})
        case CheckpointKind.GGUF:
            file = Path(checkpoint.source)
            keywords = {"gguf_file": file.name, "local_files_only": True}
            return Place(source=str(file.parent), keywords=keywords)
        case CheckpointKind.HUB:
            return Place(source=checkpoint.source, keywords={"revision": checkpoint.revision})
        case CheckpointKind.LOG:
            raise CheckpointError(
                f"`{checkpoint.label}` has no weights: it was imported from a log",
                hint="name a checkpoint whose weights lie in a folder or on the hub",
            )
