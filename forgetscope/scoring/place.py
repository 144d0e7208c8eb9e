"""Places: where and how `from_pretrained` finds a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.bases import adapter_of, base_of
from forgetscope.scoring.endpoints import parse_endpoint
from forgetscope.scoring.folders import holds_tokenizer
from forgetscope.scoring.hub import parse_hub_source

__all__ = ["Place", "place_of", "tokenizer_place_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The first argument of `from_pretrained`, and the keywords that belong to it."""

    source: str
    keywords: Mapping[str, Any]


def place_of(checkpoint: Checkpoint) -> Place:
    """Return where configuration and weights lie: an adapter's are its base's.

    Raises
    ------
    CheckpointError
        If an adapter's base cannot be found, or it is a server, which has no place.
    """
    checkpoint = base_of(checkpoint)
    match checkpoint.kind:
        case CheckpointKind.FOLDER:
            # what was named, unless a base was named with `~` by an adapter
            return Place(
                source=str(Path(checkpoint.source).expanduser()),
                keywords={"local_files_only": True},
            )
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
        case CheckpointKind.ADAPTER | CheckpointKind.ENDPOINT:
            raise CheckpointError(f"nobody sees the weights of `{checkpoint.source}`")


def tokenizer_place_of(checkpoint: Checkpoint) -> Place:
    """Return where the tokenizer lies: beside an adapter where it brings one.

    Raises
    ------
    CheckpointError
        If an adapter's base cannot be found.
    """
    if checkpoint.kind is CheckpointKind.ENDPOINT:
        return _of_server(checkpoint)
    adapter = adapter_of(checkpoint)
    if adapter is not None and holds_tokenizer(adapter.path):
        return Place(source=str(adapter.path), keywords={"local_files_only": True})
    return place_of(checkpoint)


def _of_server(checkpoint: Checkpoint) -> Place:
    endpoint = parse_endpoint(checkpoint.source)
    source = endpoint.tokenizer or endpoint.model
    if Path(source).expanduser().is_dir():
        return Place(source=str(Path(source).expanduser()), keywords={"local_files_only": True})
    hub = parse_hub_source(source)
    if hub is None or hub.is_pattern:
        raise CheckpointError(
            f"the server's `{endpoint.model}` needs a tokenizer here, and `{source}` is neither a"
            " folder nor `org/name` on a hub",
            hint=f"name it: `{endpoint.base_url}?tokenizer=FOLDER#{endpoint.model}`",
        )
    return Place(source=hub.repository, keywords={"revision": hub.revision})
