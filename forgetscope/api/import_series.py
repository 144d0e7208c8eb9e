"""Which checkpoints some logs are of, and what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from forgetscope.errors import LogError, UsageError
from forgetscope.interchange.logs import Log, harmless, last_part, step_of
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.scoring.labels import Candidate, label_series

__all__ = ["Incoming", "incoming"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A checkpoint, and the logs that tell of it."""

    checkpoint: Checkpoint
    logs: tuple[Log, ...]


def incoming(
    labelled: Sequence[tuple[str | None, Log]], *, label: str | None, step: int | None
) -> tuple[Incoming, ...]:
    """Return the checkpoints that logs are of: those of one label, or of one model, are one.

    Parameters
    ----------
    labelled
        Logs with the label that the person gave each.
    label, step
        Of the one checkpoint.

    Raises
    ------
    LogError
        If there is no log.
    UsageError
        If a label or step is given for several checkpoints, or one has a task in two logs.
    """
    if not labelled:
        raise LogError("no log holds a task that is wanted", hint="see what `--tasks` leaves")
    groups: dict[tuple[str, str], list[Log]] = {}
    for own, log in labelled:
        name = own or label
        key = ("label", name) if name else ("model", log.model)
        groups.setdefault(key, []).append(log)
    if label is not None or step is not None:
        _check_single(groups, "--label" if label is not None else "--step")
    for (_, name), logs in groups.items():
        _check_tasks(name, logs)
    series = label_series([_candidate(key, logs) for key, logs in groups.items()])
    if step is not None:
        series = tuple(replace(checkpoint, step=step) for checkpoint in series)
    return tuple(
        Incoming(checkpoint=checkpoint, logs=tuple(logs))
        for checkpoint, logs in zip(series, groups.values(), strict=True)
    )


def _check_single(groups: dict[tuple[str, str], list[Log]], option: str) -> None:
    models = list(dict.fromkeys(log.model for logs in groups.values() for log in logs))
    if len(models) > 1:
        told = ", ".join(f"`{harmless(model)}`" for model in models[:5])
        raise UsageError(
            f"`{option}` speaks of one checkpoint, and the logs are of {len(models)}: {told}",
            hint="name each: `LABEL=LOG LABEL=LOG`",
        )


def _check_tasks(name: str, logs: Sequence[Log]) -> None:
    places: dict[str, str] = {}
    for log in logs:
        for logged in log.tasks:
            first = places.setdefault(logged.task.name, logged.place)
            if first != logged.place:
                raise UsageError(
                    f"`{logged.task.name}` of `{harmless(name)}` stands in two logs: `{first}` "
                    f"and `{logged.place}`",
                    hint="if they are two checkpoints, name each: `LABEL=LOG LABEL=LOG`",
                )


def _candidate(key: tuple[str, str], logs: Sequence[Log]) -> Candidate:
    kind, name = key
    model = logs[0].model
    parts = [harmless(part) for part in re.split(r"[/\\]", model) if part.strip()]
    steps = (step_of(text) for text in (name, model, logs[0].path.name))
    digests = sorted(digest for log in logs for digest in log.digests)
    total = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    return Candidate(
        name=last_part(model),
        label=harmless(name) if kind == "label" else None,
        parents=tuple(parts[:-1]),
        source=str(logs[0].path),
        kind=CheckpointKind.LOG,
        step=next((step for step in steps if step is not None), None),
        fingerprint=f"imported:{total}",
    )
