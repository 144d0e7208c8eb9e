"""Which logs a path stands for: a file, or a folder with the logs of one or more checkpoints."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from glob import escape
from pathlib import Path

from forgetscope.errors import LogError, nearest
from forgetscope.interchange.logs.names import step_of
from forgetscope.records.archive import is_archive

__all__ = ["Found", "LogKind", "locate"]

_PEEK_BYTES = 65_536
KNOWN = (
    "known: lm-eval's `samples_*.jsonl` with `results_*.json`, lighteval's `details_*.parquet`, "
    "inspect_ai's `*.eval`, and Every Eval Ever's `*.json` with `*_samples.jsonl`"
)


class LogKind(StrEnum):
    """Who wrote a log."""

    LM_EVAL = "lm-eval"
    LIGHTEVAL = "lighteval"
    INSPECT = "inspect_ai"
    EVERY_EVAL_EVER = "Every Eval Ever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Files that are read together."""

    kind: LogKind
    files: tuple[Path, ...]


def locate(path: Path) -> tuple[Found, ...]:
    """Return the logs at a path; those below a folder in the order of their steps and names.

    Raises
    ------
    LogError
        If there is none, or a folder holds logs of several programs.
    """
    if path.is_file():
        return (_of_file(path),)
    if not path.is_dir():
        raise LogError(f"`{path}` does not exist", hint=_near(path))
    files, results = _sorted(path)
    if len(files) > 1:
        raise LogError(
            f"`{path}` holds logs of {' and '.join(files)}",
            hint="name the folder or the files of one of them",
        )
    for kind, found in files.items():
        return tuple(sorted(_groups(kind, found), key=_order))
    raise _without_samples(path, results)


def _sorted(folder: Path) -> tuple[dict[LogKind, list[Path]], list[Path]]:
    """Return the logs below a folder by their kind, and results whose samples may be missing."""
    files: dict[LogKind, list[Path]] = defaultdict(list)
    results: list[Path] = []
    for file in _files(folder):
        kind = _kind_by_name(file)
        if kind is None and file.name.startswith("results") and file.suffix == ".json":
            results.append(file)
            continue
        if kind is None and file.suffix == ".json":
            kind = _kind_by_content(file)
        if kind is not None:
            files[kind].append(file)
    return files, results


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _of_file(path: Path) -> Found:
    kind = _kind_by_name(path)
    if kind is None and path.name.startswith("results") and path.suffix == ".json":
        beside = sorted(
            path.parent.glob(f"samples_*{escape(path.stem.removeprefix('results'))}.jsonl")
        )
        if not beside:
            raise _without_samples(path.parent, [path])
        return Found(kind=LogKind.LM_EVAL, files=tuple(beside))
    kind = kind or (_kind_by_content(path) if path.suffix == ".json" else None)
    if kind is None:
        if is_archive(path.name):
            raise LogError(
                f"`{path}` is an archive, and none is opened",
                hint="unpack it, and name the folder with the logs",
            )
        raise LogError(f"`{path}` is no log that can be read", hint=KNOWN)
    return Found(kind=kind, files=(path,))


def _kind_by_name(path: Path) -> LogKind | None:
    if path.suffix == ".eval":
        return LogKind.INSPECT
    if path.suffix == ".parquet" and path.name.startswith("details_"):
        return LogKind.LIGHTEVAL
    if path.suffix == ".jsonl" and path.name.startswith("samples_"):
        return LogKind.LM_EVAL
    return None


def _kind_by_content(path: Path) -> LogKind | None:
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK_BYTES)
    except OSError as error:
        raise LogError(f"`{path}` cannot be opened: {error.strerror or error}") from error
    if b'"schema_version"' in head and b'"evaluation_id"' in head:
        return LogKind.EVERY_EVAL_EVER
    is_inspect = b'"eval"' in head and b'"task_id"' in head and b'"version"' in head
    return LogKind.INSPECT if is_inspect else None


def _groups(kind: LogKind, files: Sequence[Path]) -> Iterator[Found]:
    if kind is LogKind.EVERY_EVAL_EVER:
        yield from (Found(kind=kind, files=(file,)) for file in files)
        return
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        by_folder[file.parent].append(file)
    if kind is LogKind.LIGHTEVAL:
        # a folder of each run below one of each model: the newest run counts
        newest: dict[Path, Path] = {}
        for folder in sorted(by_folder):
            newest[folder.parent] = folder
        by_folder = defaultdict(list, {folder: by_folder[folder] for folder in newest.values()})
    for own in by_folder.values():
        yield Found(kind=kind, files=tuple(own))


def _order(found: Found) -> tuple[int, str]:
    folder = str(found.files[0].parent)
    step = step_of(folder)
    return (-1 if step is None else step, folder)


def _without_samples(path: Path, results: Sequence[Path]) -> LogError:
    if results:
        return LogError(
            f"`{path}` holds results, but no samples: items cannot be compared",
            hint="write them too: lm-eval with `--log_samples`, lighteval with `--save-details`",
        )
    return LogError(f"`{path}` holds no log that can be read", hint=KNOWN)


def _near(path: Path) -> str | None:
    parent = path.parent
    near = nearest(path.name, [p.name for p in parent.iterdir()]) if parent.is_dir() else ()
    return "did you mean " + " or ".join(f"`{parent / n}`" for n in near) + "?" if near else None
