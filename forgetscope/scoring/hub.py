"""Hub checkpoints: a repository name becomes one commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from forgetscope.errors import CheckpointError, nearest
from forgetscope.scoring.labels import step_within

__all__ = ["HubSource", "matching_revisions", "parse_hub_source", "resolve_commit"]

_PATTERN = re.compile(r"(?P<repository>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w./*?-]+))?")
_TIMEOUT_SECONDS = 20
_SHOWN = 3
"""Names of revisions in one message at most."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A repository on a hub, as a person writes it."""

    repository: str
    revision: str | None = None

    @property
    def is_pattern(self) -> bool:
        """Whether the revision stands for all that look like it."""
        return self.revision is not None and any(sign in self.revision for sign in "*?")


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
    from huggingface_hub import HfApi

    try:
        info = _asked(
            source,
            lambda: HfApi().model_info(
                source.repository, revision=source.revision, timeout=_TIMEOUT_SECONDS
            ),
        )
    except _UnreachableError as error:
        return _cached_commit(source, error.cause)
    _check_files(source, {file.rfilename for file in info.siblings or ()})
    return str(info.sha)


def matching_revisions(source: HubSource) -> tuple[HubSource, ...]:
    """Return the branches and tags that a pattern matches, in the order of their steps.

    `*` stands for any letters and `?` for one. What tells no step comes last, by name.

    Raises
    ------
    CheckpointError
        If none matches, or the hub cannot be asked.
    """
    from huggingface_hub import HfApi

    try:
        refs = _asked(source, lambda: HfApi().list_repo_refs(source.repository))
    except _UnreachableError as error:
        raise CheckpointError(
            f"the hub cannot be reached for the revisions of `{source.repository}` "
            f"({type(error.cause).__name__}: {error.cause})",
            hint="name single revisions, which are looked up in the cache too",
        ) from error.cause
    # a branch and a tag may share a name; git itself takes the tag then, and so does the hub
    names = dict.fromkeys(ref.name for ref in (*refs.branches, *refs.tags))
    found = sorted((name for name in names if fnmatchcase(name, source.revision or "")), key=_order)
    if not found:
        raise _nothing_matches(source, names)
    return tuple(HubSource(repository=source.repository, revision=name) for name in found)


def _order(name: str) -> tuple[bool, int, str]:
    step = step_within(name)
    return step is None, step or 0, name


def _nothing_matches(source: HubSource, names: Iterable[str]) -> CheckpointError:
    known = sorted(names, key=_order)
    bare = re.sub(r"[*?]+", "", source.revision or "")
    # a name minus its digits is what a pattern is mostly made of
    alike = {re.sub(r"\d+", "", name): name for name in reversed(known)}
    near = [alike[name] for name in nearest(bare, alike)] or known[:_SHOWN]
    shown = ", ".join(f"`{name}`" for name in near)
    return CheckpointError(
        f"no revision of `{source.repository}` matches `{source.revision}`",
        hint=f"it has {len(known):,}, e.g. {shown}" if known else "it has no branches and no tags",
    )


class _UnreachableError(Exception):
    """The hub does not answer."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _asked(source: HubSource, ask: Callable[[], Found]) -> Found:
    """Return what the hub answers; that it knows nothing of a model is an error of ours."""
    from huggingface_hub.errors import (
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return ask()
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
        raise _UnreachableError(error) from error


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
            f"`{source.repository}` holds only an adapter, and adapters are read from folders",
            hint=f"`hf download {source.repository} --local-dir FOLDER`, and name `FOLDER`",
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
