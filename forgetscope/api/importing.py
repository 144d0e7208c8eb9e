"""Logs of other programs, brought into a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from forgetscope.api.import_series import Incoming, incoming
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.evaluation.provenance import now, versions
from forgetscope.interchange.logs import Log, keep, read_logs
from forgetscope.records import Checkpoint, Task
from forgetscope.store import Study, discard_study, is_study
from forgetscope.suites import check_domain

__all__ = ["ImportRequest", "Imported", "import_logs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """How logs are to be imported."""

    label: str | None = None
    """What the one checkpoint is called; `None` calls each as its log does."""
    base: str | None = None
    """Label of the checkpoint to compare with; `None` keeps the study's, else takes the first."""
    step: int | None = None
    """Training step of the one checkpoint; `None` where its name tells it."""
    target: str | None = None
    """Domain that was trained for."""
    tasks: tuple[str, ...] = ()
    """Names or patterns of tasks; empty for all."""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came into a study."""

    labels: tuple[str, ...]
    """Checkpoints that are new, in order."""
    items: int
    """Scores of items that are new."""
    tasks: tuple[str, ...]
    notes: tuple[str, ...]
    """What could not be compared, or is not known."""


def import_logs(
    logs: Sequence[str], out: Path | str, *, request: ImportRequest | None = None
) -> Imported:
    """Import logs into a study, which is made if there is none: all of them or nothing.

    Parameters
    ----------
    logs
        Files or folders, base first; `LABEL=LOG` names one. Logs of one label, or of one model,
        are one checkpoint.
    out
        Folder of the study.
    request
        See `ImportRequest`.

    Raises
    ------
    LogError
        If a log is missing, malformed or cut off; with file and line.
    PairingError
        If a task was asked or judged otherwise than the study's.
    UsageError
        If a label is taken, or a log is in the study under another one.
    """
    how = request or ImportRequest()
    if how.target is not None:
        check_domain(how.target)
    with _opened(Path(out)) as study, study.whole():
        series = incoming(_read(logs, study, how), label=how.label, step=how.step)
        return _kept(study, series, how)


@contextmanager
def _opened(folder: Path) -> Iterator[Study]:
    """Open or make a study; one that was made for nothing is removed again."""
    is_new = not is_study(folder)
    try:
        with Study(folder, create=True) as study:
            yield study
    except BaseException:
        if is_new:
            discard_study(folder)
        raise


def _read(texts: Sequence[str], study: Study, how: ImportRequest) -> list[tuple[str | None, Log]]:
    """Return all logs with the label that the person gave each."""
    known: dict[str, Task] = {task.name: task for task in study.tasks()}
    met: set[str] = set()

    def wanted(name: str) -> bool:
        met.add(name)
        return not how.tasks or any(fnmatchcase(name, pattern) for pattern in how.tasks)

    found = []
    for text in texts:
        label, path = _split(text)
        for log in read_logs(path, known=known, wanted=wanted):
            found.append((label, log))
            for logged in log.tasks:
                known.setdefault(logged.task.name, logged.task)
    for pattern in how.tasks:
        if not any(fnmatchcase(name, pattern) for name in met):
            raise UnknownNameError("task", pattern, known=met)
    return found


def _split(text: str) -> tuple[str | None, Path]:
    label, mark, rest = text.partition("=")
    is_named = bool(mark and label and rest) and not Path(text).exists()
    return (label, Path(rest)) if is_named else (None, Path(text))


def _kept(study: Study, series: Sequence[Incoming], how: ImportRequest) -> Imported:
    notes: list[str] = []
    held = {checkpoint.label: checkpoint for checkpoint in study.series()}
    base = how.base or str(study.meta("base") or series[0].checkpoint.label)
    labels = {*held, *(each.checkpoint.label for each in series)}
    if base not in labels:
        raise UnknownNameError("checkpoint", base, known=labels)
    study.set_meta("base", base)
    run = study.start_run(command=how.command, started=now(), provenance=_provenance(series))
    new: list[str] = []
    items = 0
    for each in series:
        if _is_held(each.checkpoint, held):
            notes.append(f"`{each.checkpoint.label}` is in the study already: nothing to do")
            continue
        kept = keep(study, each.logs, each.checkpoint, target=how.target)
        new.append(each.checkpoint.label)
        items += kept.items
        notes += kept.notes
    study.finish_run(run, finished=now())
    return Imported(
        labels=tuple(new),
        items=items,
        tasks=tuple(task.name for task in study.tasks()),
        notes=tuple(dict.fromkeys(notes)),
    )


def _is_held(checkpoint: Checkpoint, held: Mapping[str, Checkpoint]) -> bool:
    """Whether the study holds the very log under its label; another one there is refused."""
    old = held.get(checkpoint.label)
    if old is not None and old.fingerprint != checkpoint.fingerprint:
        raise UsageError(
            f"the study already has a checkpoint `{checkpoint.label}`, from `{old.source}`",
            hint=f"give this one another label: `OTHER={checkpoint.source}`",
        )
    for label, other in held.items():
        if label != checkpoint.label and other.fingerprint == checkpoint.fingerprint:
            raise UsageError(
                f"`{checkpoint.source}` is in the study already, as `{label}`",
                hint="name it once, or import it into another study",
            )
    return old is not None


def _provenance(series: Sequence[Incoming]) -> dict[str, object]:
    logs = [log for each in series for log in each.logs]
    found = {"forgetscope": versions()["forgetscope"]}
    found |= {log.harness: log.harness_version for log in logs if log.harness_version}
    return {
        "versions": found,
        "imported": [
            {"label": each.checkpoint.label, "harness": log.harness, "files": list(log.digests)}
            for each in series
            for log in each.logs
        ],
    }
