"""What lies beneath an adapter: its base, found by what the person or the training named."""

from __future__ import annotations

import hashlib
from pathlib import Path

from forgetscope.errors import CheckpointError, nearest
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.adapters import (
    AdapterFolder,
    adapter_digest,
    check_fit,
    holds_adapter,
    open_adapter,
)
from forgetscope.scoring.fingerprint import folder_fingerprint
from forgetscope.scoring.folders import open_folder
from forgetscope.scoring.hub import HubSource, parse_hub_source, resolve_commit

__all__ = ["adapter_fingerprint", "adapter_of", "base_of", "find_base", "split_sum"]

_PLUS = "+"


def split_sum(source: str) -> tuple[str, Path] | None:
    """Read `BASE+FOLDER`; `None` where no folder follows a plus, or the whole is one.

    >>> split_sum("base") is None
    True
    """
    if Path(source).expanduser().is_dir():
        return None
    for place in reversed([i for i, letter in enumerate(source) if letter == _PLUS]):
        base, folder = source[:place], Path(source[place + 1 :]).expanduser()
        if base and source[place + 1 :] and folder.is_dir():
            return base, folder
    return None


def adapter_of(checkpoint: Checkpoint) -> AdapterFolder | None:
    """Return the adapter of a checkpoint; `None` where it is none.

    Raises
    ------
    CheckpointError
        If it cannot be used any more.
    """
    if checkpoint.kind is not CheckpointKind.ADAPTER:
        return None
    two = split_sum(checkpoint.source)
    return open_adapter(two[1] if two else Path(checkpoint.source).expanduser())


def base_of(checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint whose weights are loaded: an adapter's base, else itself.

    Raises
    ------
    CheckpointError
        If an adapter's base cannot be found.
    """
    adapter = adapter_of(checkpoint)
    if adapter is None:
        return checkpoint
    two = split_sum(checkpoint.source)
    return find_base(adapter, two[0] if two else None, commit=checkpoint.revision)


def find_base(
    adapter: AdapterFolder, named: str | None = None, *, commit: str | None = None
) -> Checkpoint:
    """Return the base of an adapter.

    Parameters
    ----------
    named
        What the person named: a folder or `org/name[@revision]`; `None`: what the adapter names.
    commit
        Of a base on a hub, where it was resolved before.

    Raises
    ------
    CheckpointError
        If there is none of that name, or it holds no weights of its own.
    """
    source = named or adapter.base
    if source is None:
        raise CheckpointError(
            f"the adapter `{adapter.path}` does not name its base",
            hint="name it: `BASE+ADAPTER`",
        )
    folder = Path(source).expanduser()
    if folder.is_dir():
        if holds_adapter(folder):
            raise CheckpointError(
                f"the base `{source}` of `{adapter.path}` is an adapter itself",
                hint="merge it into its own base first, and name the merged checkpoint",
            )
        fingerprint = folder_fingerprint(open_folder(folder.resolve()))
        return Checkpoint(
            label=source, source=source, kind=CheckpointKind.FOLDER, fingerprint=fingerprint
        )
    hub = parse_hub_source(source)
    if hub is None or folder.parent.is_dir():
        raise _missing(adapter, source, is_named=named is not None)
    if named is None and hub.revision is None:
        hub = HubSource(repository=hub.repository, revision=adapter.base_revision)
    commit = commit or _commit(adapter, hub)
    return Checkpoint(
        label=source,
        source=hub.repository,
        kind=CheckpointKind.HUB,
        revision=commit,
        fingerprint=commit,
    )


def adapter_fingerprint(adapter: AdapterFolder, base: Checkpoint) -> str:
    """Return the fingerprint of an adapter on its base: equal only if both compute the same.

    Raises
    ------
    CheckpointError
        If the adapter does not fit a base whose weights lie here.
    """
    if base.kind is CheckpointKind.FOLDER:
        check_fit(adapter, Path(base.source).expanduser())
    parts = f"{base.fingerprint}\n{adapter_digest(adapter)}"
    return hashlib.sha256(parts.encode()).hexdigest()


def _commit(adapter: AdapterFolder, hub: HubSource) -> str:
    try:
        return resolve_commit(hub)
    except CheckpointError as error:
        raise CheckpointError(
            f"the base of the adapter `{adapter.path}` cannot be used: {error.message}",
            hint=f"where the base lies in a folder, name it: `FOLDER+{adapter.path}`",
        ) from error


def _missing(adapter: AdapterFolder, source: str, *, is_named: bool) -> CheckpointError:
    parent = Path(source).expanduser().parent
    siblings = [f.name for f in parent.iterdir() if f.is_dir()] if parent.is_dir() else []
    near = [str(parent / name) for name in nearest(Path(source).name, siblings)]
    hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}? " if near else ""
    hint += "name the base" + ("" if is_named else f" yourself: `BASE+{adapter.path}`")
    return CheckpointError(
        f"the base `{source}` of the adapter `{adapter.path}` does not exist", hint=hint
    )
