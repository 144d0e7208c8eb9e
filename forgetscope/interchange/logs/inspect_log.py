"""Logs of inspect_ai: one file a task, one sample a document and epoch."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import LogError
from forgetscope.interchange.logs import inspect_door
from forgetscope.interchange.logs.inspect_rows import Samples
from forgetscope.interchange.logs.lines import digest_of, reading
from forgetscope.interchange.logs.logged import (
    UNKNOWN,
    Log,
    LoggedTask,
    Settings,
    Wanted,
    everything,
)
from forgetscope.interchange.logs.names import harmless, last_part
from forgetscope.interchange.logs.reading import choose_reading
from forgetscope.interchange.logs.texts import mapping
from forgetscope.records import OutputType, Purpose, Role, Task
from forgetscope.records.identity import digest
from forgetscope.suites import look_up

__all__ = ["HARNESS", "read_inspect"]

HARNESS = "inspect_ai"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    path: Path
    eval: Mapping[str, Any]
    plan: Mapping[str, Any]
    status: str

    @property
    def task(self) -> str:
        return last_part(str(self.eval["task"]))

    @property
    def scorers(self) -> list[str]:
        listed = self.eval.get("scorers")
        return [str(each["name"]) for each in listed] if isinstance(listed, list) else []


def read_inspect(
    files: Sequence[Path], *, known: Mapping[str, Task], wanted: Wanted = everything
) -> tuple[Log, ...]:
    """Read the logs of one folder: one log for each model, of the newest file of each task.

    Parameters
    ----------
    files
        `.eval` or `.json` files.
    known
        Tasks of the study, whose scorer is read where the log has it.
    wanted
        Which tasks are read.

    Raises
    ------
    UnavailableError
        If inspect_ai is not installed.
    LogError
        If a log cannot be read, or its run did not come to its end.
    """
    newest: dict[tuple[str, str], _Header] = {}
    for path in files:
        header = _header(path)
        key = str(header.eval["model"]), header.task
        held = newest.get(key)
        if held is None or str(held.eval["created"]) <= str(header.eval["created"]):
            newest[key] = header
    by_model: dict[str, list[_Header]] = defaultdict(list)
    for (model, task), header in newest.items():
        if wanted(task):
            by_model[model].append(header)
    return tuple(_log(model, headers, known) for model, headers in by_model.items())


def _header(path: Path) -> _Header:
    found = inspect_door.read_header(path)
    with reading(path):
        return _Header(
            path=path,
            eval=inspect_door.plain(found.eval),
            plan=mapping(inspect_door.plain(found.plan)),
            status=str(found.status),
        )


def _log(model: str, headers: Sequence[_Header], known: Mapping[str, Task]) -> Log:
    first = headers[0].eval
    packages = mapping(first.get("packages"))
    return Log(
        path=headers[0].path.parent if len(headers) > 1 else headers[0].path,
        model=model,
        harness=HARNESS,
        harness_version=str(packages["inspect_ai"]) if "inspect_ai" in packages else None,
        engine={"backend": harmless(model.partition("/")[0])},
        digests=tuple(sorted(digest_of(header.path) for header in headers)),
        tasks=tuple(_task(header, known) for header in headers),
    )


def _task(header: _Header, known: Mapping[str, Task]) -> LoggedTask:
    if header.status != "success":
        raise LogError(
            f"`{header.path}` is the log of a run that did not come to its end "
            f"(status `{harmless(header.status)}`)",
            hint="go on with it (`inspect eval-retry`), or leave the file out",
        )
    with reading(header.path):
        name = header.task
        chosen = choose_reading(header.scorers, ["none"], task=name, known=known.get(name))
        task = _record(header, chosen.metric)
    samples = Samples(path=header.path, task=task)
    return LoggedTask(
        task=task, settings=_settings(header, task), place=str(header.path), items=samples.items
    )


def _record(header: _Header, scorer: str) -> Task:
    entry, version = look_up(header.task), header.eval.get("task_version")
    epochs = mapping(header.eval.get("config")).get("epochs")
    told = json.dumps([HARNESS, header.task, version, scorer, _generation(header)], default=str)
    return Task(
        name=header.task,
        domain=entry.domain if entry else "other",
        role=entry.role if entry else Role.GENERAL,
        purpose=entry.purpose if entry else Purpose.DEV,
        metric=scorer,
        chance=math.nan,
        is_sampled=isinstance(epochs, int) and epochs > 1,
        output_type=OutputType.GENERATE,
        version=UNKNOWN if version is None else str(version),
        n_shots=0,
        fingerprint=digest(told)[:16],
    )


def _settings(header: _Header, task: Task) -> Settings:
    return {
        "harness": HARNESS,
        "version": None if task.version == UNKNOWN else task.version,
        "metric": task.metric,
        "filter": task.filter,
        "generation settings": _generation(header),
        "solver": json.dumps(_steps(header), sort_keys=True, default=str),
        "arguments of the task": json.dumps(
            mapping(header.eval.get("task_args")), sort_keys=True, default=str
        ),
    }


def _steps(header: _Header) -> list[Any]:
    steps = header.plan.get("steps")
    found = [mapping(step) for step in steps] if isinstance(steps, list) else []
    return [[step.get("solver"), step.get("params")] for step in found]


_ASKED = ("temperature", "top_p", "top_k", "max_tokens", "stop_seqs", "seed", "reasoning_effort")


def _generation(header: _Header) -> str:
    given = {
        **mapping(header.plan.get("config")),
        **{
            key: value
            for key, value in mapping(header.eval.get("model_generate_config")).items()
            if value is not None
        },
    }
    return json.dumps({k: given[k] for k in _ASKED if given.get(k) is not None}, default=str)
