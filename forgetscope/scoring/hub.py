"""Hub checkpoints: a repository name becomes one commit."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from forgetscope.errors import CheckpointError

__all__ = ["HubSource", "parse_hub_source", "resolve_commit"]

_PATTERN = re.compile(r"(?P<repository>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w./-]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A repository on a hub, as a person writes it."""

    repository: str
    revision: str | None = None


def parse_hub_source(text: str) -> HubSource | None:
    """Read `org/name` or `org/name@revision`; `None` if the text has another form.

    >>> parse_hub_source("org/model@step-100")
    HubSource(repository='org/model', revision='step-100')
    >>> parse_hub_source("./org/model") is None
    True
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    return HubSource(repository=match["repository"], revision=match["revision"])


def resolve_commit(source: HubSource) -> str:
    """Return the commit that a revision stands for now, from the hub or the local cache of it.

    Raises
    ------
    CheckpointError
        If hub and cache do not know it, or it holds nothing that is supported.
    """
    # imported late: resolving local folders must not pay for it
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        info = HfApi().model_info(source.repository, revision=source.revision, timeout=20)
    except RevisionNotFoundError as error:
        raise CheckpointError(
            f"`{source.repository}` has no revision `{source.revision}`"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise CheckpointError(
            f"the hub knows no model `{source.repository}`, or it is private",
            hint="no folder of that name exists here either; for a gated or private model, log in"
            " with `hf auth login`",
        ) from error
    except Exception as error:  # the client's network library has errors of its own, by version
        return _cached_commit(source, error)
    _check_files(source, {file.rfilename for file in info.siblings or ()})
    return str(info.sha)


def _cached_commit(source: HubSource, cause: Exception) -> str:
    """Return the commit that an earlier download left in the cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            source.repository, revision=source.revision, local_files_only=True
        )
    except (LocalEntryNotFoundError, OSError, ValueError):
        raise CheckpointError(
            f"the hub cannot be reached for `{source.repository}`, and it is not in the cache "
            f"({type(cause).__name__}: {cause})",
            hint="no folder of that name exists here either; check the path, or the network",
        ) from cause
    return Path(folder).name


def _check_files(source: HubSource, names: Collection[str]) -> None:
    if any(name in names for name in ("model.safetensors", "model.safetensors.index.json")):
        return
    if "adapter_config.json" in names:
        raise CheckpointError(
            f"`{source.repository}` holds only an adapter, which is not supported yet",
            hint="merge it into its base model first",
        )
    if any(name.endswith(".bin") for name in names):
        raise CheckpointError(
            f"`{source.repository}` holds only pickled weights, which are refused: opening a"
            " pickle can run any program hidden in it",
            hint="many repositories offer safetensors under another revision, e.g. `@refs/pr/1`",
        )
    raise CheckpointError(
        f"`{source.repository}` holds no safetensors weights",
        hint="download a GGUF file and name it by its path",
    )
