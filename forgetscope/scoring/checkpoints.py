"""Checkpoints: what a person names on the command line becomes a series.

An argument is a folder with weights, a folder of `checkpoint-*`/`step_*` folders (which expands in
the order of their steps), an adapter's folder or `BASE+ADAPTER`, a `.gguf` file,
`org/name[@revision]` on the hub, where a revision may be a pattern, or a server's
`http://HOST/v1#MODEL`. `LABEL=` in front gives it a name.

A folder that holds weights and step folders, as trainers leave it, expands to the step folders;
it follows itself as the last checkpoint unless it is the same as the last of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from forgetscope.errors import CheckpointError, UsageError, nearest
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.records.archive import is_archive
from forgetscope.scoring.adapters import holds_adapter, open_adapter
from forgetscope.scoring.bases import adapter_fingerprint, find_base, split_sum
from forgetscope.scoring.endpoints import is_endpoint, open_endpoint
from forgetscope.scoring.fingerprint import folder_fingerprint, gguf_fingerprint
from forgetscope.scoring.folders import holds_weights, looks_like_model, open_folder, single_gguf
from forgetscope.scoring.hub import (
    HubSource,
    matching_revisions,
    parse_hub_source,
    resolve_commit,
)
from forgetscope.scoring.labels import Candidate, label_series, step_of, step_within

__all__ = [
    "checkpoint_of_folder",
    "holds_any",
    "missing_checkpoint",
    "resolve_series",
    "split_label",
    "step_folders",
]
_LABELLED = re.compile(r"(?P<label>[^=/\\\s]+)=(?P<source>.+)")


def resolve_series(arguments: Sequence[str]) -> tuple[Checkpoint, ...]:
    """Turn what a person named into checkpoints, in the order given.

    Parameters
    ----------
    arguments
        Sources, each with an optional `LABEL=` in front.

    Raises
    ------
    CheckpointError
        If a source does not exist or cannot be used; every folder is checked before any compute.
    UsageError
        If nothing is named, or two checkpoints would carry one label.
    """
    if not arguments:
        raise UsageError("no checkpoint was named", hint="name a folder, a file or `org/name`")
    return label_series([c for argument in arguments for c in _resolve(argument)])


def checkpoint_of_folder(
    path: Path, *, label: str | None = None, base: str | None = None
) -> Checkpoint:
    """Return a folder's own weights or adapter as a checkpoint, whatever lies below it.

    Raises
    ------
    CheckpointError
        If it cannot be used.
    """
    return label_series([_from_folder(path, label, base=base)])[0]


def _resolve(argument: str) -> list[Candidate]:
    label, source = split_label(argument)
    if is_endpoint(source):
        return [open_endpoint(source, label)]
    path = Path(source).expanduser()
    if path.is_dir():
        return _expand(path, label)
    if path.is_file():
        return [_from_file(path, label)]
    two = split_sum(source)
    if two is not None:
        return _expand(two[1], label, base=two[0])
    hub = parse_hub_source(source)
    # the first part of `runs/bsae` existing here says that a path was meant, not a hub
    if hub is not None and not Path(source).parent.is_dir():
        return _from_revisions(hub, label)
    raise missing_checkpoint(path)


def split_label(argument: str) -> tuple[str | None, str]:
    """Read `[LABEL=]SOURCE`.

    Raises
    ------
    UsageError
        If nothing is named.
    """
    match = _LABELLED.fullmatch(argument)
    if match and not Path(argument).exists():
        return match["label"], match["source"]
    if not argument.strip():
        raise UsageError("a checkpoint has an empty name")
    return None, argument


def _expand(path: Path, label: str | None, *, base: str | None = None) -> list[Candidate]:
    """Return the checkpoints of a folder: its step folders, itself, or both."""
    steps = step_folders(path)
    if not steps:
        return [_from_folder(path, label, base=base)]
    series = [
        _from_folder(step, f"{label}/{step.name}" if label else None, base=base) for step in steps
    ]
    if holds_any(path):
        itself = _from_folder(path, label, base=base)
        if itself.fingerprint != series[-1].fingerprint:
            series.append(itself)
    return series


def step_folders(path: Path) -> list[Path]:
    """Return the folders of single steps in a training output, in the order of their steps."""
    folders = [f for f in path.iterdir() if f.is_dir() and step_of(f.name) is not None]
    if holds_any(path):
        # beside weights, `global_step500` may be what a sharded optimiser left there
        folders = [f for f in folders if looks_like_model(f)]
    return sorted(folders, key=lambda f: (step_of(f.name) or 0, f.name))


def holds_any(path: Path) -> bool:
    """Whether a folder itself holds weights or an adapter."""
    return holds_weights(path) or holds_adapter(path)


def _from_folder(path: Path, label: str | None, *, base: str | None = None) -> Candidate:
    if holds_adapter(path):
        return _from_adapter(path, label, base=base)
    if base is not None:
        raise CheckpointError(
            f"`{path}` holds no adapter to be put on `{base}`",
            hint="name it without a base; an adapter has an `adapter_config.json`",
        )
    gguf = single_gguf(path)
    if gguf is not None:
        return _from_file(gguf, label)
    resolved = path.resolve()
    name = _name_of(path)
    return Candidate(
        name=name,
        label=label,
        parents=tuple(resolved.parts[1:-1]),
        source=str(path),
        kind=CheckpointKind.FOLDER,
        step=step_of(name),
        fingerprint=folder_fingerprint(open_folder(resolved)),
    )


def _name_of(path: Path) -> str:
    # `.` and `..` have no name of their own; a link keeps the name it was called by
    return path.name if path.name not in ("", "..") else path.resolve().name


def _from_adapter(path: Path, label: str | None, *, base: str | None) -> Candidate:
    adapter = open_adapter(path)
    beneath = find_base(adapter, base)
    name = _name_of(path)
    return Candidate(
        name=name,
        label=label,
        parents=tuple(path.resolve().parts[1:-1]),
        source=str(path) if base is None else f"{base}+{path}",
        kind=CheckpointKind.ADAPTER,
        revision=beneath.revision,
        step=step_of(name),
        fingerprint=adapter_fingerprint(adapter, beneath),
    )


def _from_file(path: Path, label: str | None) -> Candidate:
    if is_archive(path.name):
        raise CheckpointError(
            f"`{path}` is an archive, and none is opened",
            hint="unpack it, and name the folder with the weights",
        )
    if path.suffix != ".gguf":
        raise CheckpointError(
            f"`{path}` is a file, and only `.gguf` files can be evaluated",
            hint=f"name the folder: `{path.parent}`" if path.suffix == ".safetensors" else None,
        )
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise CheckpointError(
                f"`{path}` is broken: it does not begin like a GGUF file",
                hint="the file was cut off or is a Git LFS pointer; copy it again",
            )
    resolved = path.resolve()
    return Candidate(
        name=path.stem,
        label=label,
        parents=tuple(resolved.parts[1:-1]),
        source=str(path),
        kind=CheckpointKind.GGUF,
        step=step_of(path.stem),
        fingerprint=gguf_fingerprint(resolved),
    )


def _from_revisions(source: HubSource, label: str | None) -> list[Candidate]:
    """Return a revision, or all that a pattern matches."""
    if not source.is_pattern:
        return [_from_hub(source, label)]
    return [
        _from_hub(each, f"{label}/{each.revision}" if label else None)
        for each in matching_revisions(source)
    ]


def _from_hub(source: HubSource, label: str | None) -> Candidate:
    organisation, name = source.repository.split("/")
    commit = resolve_commit(source)
    return Candidate(
        name=f"{name}@{source.revision}" if source.revision else name,
        label=label,
        parents=(organisation,),
        source=source.repository,
        kind=CheckpointKind.HUB,
        revision=commit,
        step=step_within(source.revision) if source.revision else step_of(name),
        fingerprint=commit,
    )


def missing_checkpoint(path: Path) -> CheckpointError:
    """Return the error that a path leads nowhere, with the nearest names beside it."""
    parent = path.parent
    if not parent.is_dir():
        hint = f"the folder `{parent}` does not exist either"
    else:
        siblings = [f.name for f in parent.iterdir() if f.is_dir() or f.suffix == ".gguf"]
        near = nearest(path.name, siblings)
        hint = (
            "did you mean " + " or ".join(f"`{parent / name}`" for name in near) + "?"
            if near
            else f"nothing of a similar name lies in `{parent}`"
        )
    return CheckpointError(f"`{path}` does not exist", hint=hint)
