"""Checkpoints: what a person names on the command line becomes a series.

An argument is a folder with weights, a folder of `checkpoint-*`/`step_*` folders (which expands in
the order of their steps), a `.gguf` file, or `org/name[@revision]` on the hub. `LABEL=` in front
gives it a name.

A folder that holds weights and step folders, as trainers leave it, expands to the step folders;
it follows itself as the last checkpoint unless it is the same as the last of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from forgetscope.errors import CheckpointError, UsageError, nearest
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.fingerprint import folder_fingerprint, gguf_fingerprint
from forgetscope.scoring.folders import holds_weights, looks_like_model, open_folder, single_gguf
from forgetscope.scoring.hub import HubSource, parse_hub_source, resolve_commit
from forgetscope.scoring.labels import Candidate, label_series

__all__ = ["missing_checkpoint", "resolve_series"]

_STEP = re.compile(r"(?:checkpoint|ckpt|global_step|step|iter)[-_]?(?P<step>\d+)")
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


def _step_of(name: str) -> int | None:
    """Return the training step that a folder name tells, or `None`.

    >>> _step_of("checkpoint-500"), _step_of("iter_0000500"), _step_of("final")
    (500, 500, None)
    """
    match = _STEP.fullmatch(name)
    return int(match["step"]) if match else None


def _resolve(argument: str) -> list[Candidate]:
    label, source = _split_label(argument)
    path = Path(source).expanduser()
    if path.is_dir():
        return _expand(path, label)
    if path.is_file():
        return [_from_file(path, label)]
    hub = parse_hub_source(source)
    # the first part of `runs/bsae` existing here says that a path was meant, not a hub
    if hub is not None and not Path(source).parent.is_dir():
        return [_from_hub(hub, label)]
    raise missing_checkpoint(path)


def _split_label(argument: str) -> tuple[str | None, str]:
    match = _LABELLED.fullmatch(argument)
    if match and not Path(argument).exists():
        return match["label"], match["source"]
    if not argument.strip():
        raise UsageError("a checkpoint has an empty name")
    return None, argument


def _expand(path: Path, label: str | None) -> list[Candidate]:
    """Return the checkpoints of a folder: its step folders, itself, or both."""
    steps = _step_folders(path)
    if not steps:
        return [_from_folder(path, label)]
    prefix = f"{label}/" if label else ""
    series = [_from_folder(step, prefix + step.name if label else None) for step in steps]
    if holds_weights(path):
        itself = _from_folder(path, label)
        if itself.fingerprint != series[-1].fingerprint:
            series.append(itself)
    return series


def _step_folders(path: Path) -> list[Path]:
    folders = [f for f in path.iterdir() if f.is_dir() and _step_of(f.name) is not None]
    if holds_weights(path):
        # beside weights, `global_step500` may be what a sharded optimiser left there
        folders = [f for f in folders if looks_like_model(f)]
    return sorted(folders, key=lambda f: (_step_of(f.name) or 0, f.name))


def _from_folder(path: Path, label: str | None) -> Candidate:
    gguf = single_gguf(path)
    if gguf is not None:
        return _from_file(gguf, label)
    # `.` and `..` have no name of their own; a link keeps the name it was called by
    name = path.name if path.name not in ("", "..") else path.resolve().name
    resolved = path.resolve()
    return Candidate(
        name=name,
        label=label,
        parents=tuple(resolved.parts[1:-1]),
        source=str(path),
        kind=CheckpointKind.FOLDER,
        step=_step_of(name),
        fingerprint=folder_fingerprint(open_folder(resolved)),
    )


def _from_file(path: Path, label: str | None) -> Candidate:
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
        step=_step_of(path.stem),
        fingerprint=gguf_fingerprint(resolved),
    )


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
        step=_step_of(source.revision or name),
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
