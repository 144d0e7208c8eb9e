"""Load the tasks of a suite: official ones from lm-eval, own ones from memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from forgetscope.errors import (
    DataError,
    ForgetscopeError,
    UsageError,
)
from forgetscope.evaluation.harness.built import LoadedTask
from forgetscope.evaluation.harness.configured import cap_in, configure
from forgetscope.evaluation.harness.described import record_of
from forgetscope.evaluation.harness.index import TaskIndex
from forgetscope.evaluation.harness.own import own_task
from forgetscope.evaluation.harness.programs import checked_programs, describe_isolation
from forgetscope.evaluation.harness.senses import check_senses
from forgetscope.evaluation.harness.task_file import read_task_file
from forgetscope.evaluation.harness.telling import Source, telling
from forgetscope.evaluation.harness.unfit import refuse_unable, refuse_unfit
from forgetscope.offline import FOLLOWED, LOOSELY_FOLLOWED
from forgetscope.records import OutputType, OwnTask, Role
from forgetscope.scoring.config import OWN_ENGINE
from forgetscope.suites import (
    CatalogEntry,
    Style,
    Suite,
    TaskChoice,
    cap_of,
    find_data,
    look_up,
)

__all__ = ["LoadedSuite", "load_suite_tasks", "load_tasks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What is the same for all tasks of a suite."""

    target: str | None
    data_dir: Path | None
    allow_code: bool
    engine: str
    style: Style


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSuite:
    """The tasks of a suite that can be asked, and why others cannot."""

    tasks: tuple[LoadedTask, ...]
    left_out: tuple[str, ...] = ()
    """A sentence for each optional task that cannot be run here."""
    notes: tuple[str, ...] = ()
    """How programs that a model writes will run; empty where none will."""


def load_tasks(
    suite: Suite,
    *,
    data_dir: Path | None = None,
    own: Sequence[OwnTask] = (),
    style: Style = Style.PLAIN,
) -> tuple[LoadedTask, ...]:
    """Load the tasks of a suite; see `load_suite_tasks`."""
    return load_suite_tasks(suite, data_dir=data_dir, own=own, style=style).tasks


def load_suite_tasks(
    suite: Suite,
    *,
    data_dir: Path | None = None,
    own: Sequence[OwnTask] = (),
    engine: str = OWN_ENGINE,
    style: Style = Style.PLAIN,
    allow_code: bool = False,
) -> LoadedSuite:
    """Load every task of a suite; groups become their tasks, each once.

    Parameters
    ----------
    data_dir
        Local mirror of benchmark data; a data set that it does not hold comes from the hub.
    own
        Tasks whose documents are in memory; a name of the suite may be a pattern over them.
    engine
        What will answer: only some read pictures.
    style
        How the models answer, which decides how long they may where the suite does not say.
    allow_code
        Whether programs that a model wrote may run, each in a process with limits.

    Raises
    ------
    UnknownNameError
        If neither lm-eval nor `own` has a task of that name.
    DataError
        If the data of a task cannot be read.
    UnavailableError
        If the code of a task needs software that is not installed.
    UsageError
        If a task runs code of the model, needs sound, or images that the engine does not read, or
        its metric has no value per item; or if all tasks are optional and none can be run.
    """
    mine = {choice: _own_of(choice, own) for choice in suite.choices}
    # looking for a name among all files of lm-eval takes long
    index = TaskIndex([c.name for c in suite.choices if not mine[c] and c.file is None])
    place = _Place(
        target=suite.target, data_dir=data_dir, allow_code=allow_code, engine=engine, style=style
    )
    loaded: dict[str, LoadedTask] = {}
    left_out: list[str] = []
    for choice in suite.choices:
        try:
            found = _load(choice, mine[choice], index, place, known=loaded)
        except ForgetscopeError as error:
            if not choice.optional:
                raise
            left_out.append(f"left out `{choice.name}`: {_why(error)}")
            continue
        for each in found:
            loaded.setdefault(each.task.name, each)
    if not loaded:
        raise UsageError(
            f"nothing of the suite `{suite.name}` can be run here", hint="; ".join(left_out)
        )
    runs_code = any(getattr(each.lm_task, "UNSAFE_CODE", False) for each in loaded.values())
    return LoadedSuite(
        tasks=tuple(loaded.values()),
        left_out=tuple(left_out),
        notes=(describe_isolation(),) if runs_code else (),
    )


def _why(error: ForgetscopeError) -> str:
    """Return why a task cannot run; where its data could lie is told of tasks that must run."""
    is_told = error.hint is None or isinstance(error, DataError)
    return error.message if is_told else f"{error.message} ({error.hint})"


def _own_of(choice: TaskChoice, own: Sequence[OwnTask]) -> list[OwnTask]:
    return [t for t in own if t.group == choice.name or fnmatchcase(t.name, choice.name)]


def _load(
    choice: TaskChoice,
    own: Sequence[OwnTask],
    index: TaskIndex,
    place: _Place,
    *,
    known: Mapping[str, LoadedTask],
) -> list[LoadedTask]:
    """Load the tasks behind a choice, own ones before those of lm-eval."""
    found = [_load_own(task, choice, target=place.target) for task in own]
    if not found:
        found = _load_foreign(choice, index, place, known=known)
    for each in found:
        check_senses(each.lm_task, each.task, engine=place.engine)
    return found


def _load_foreign(
    choice: TaskChoice, index: TaskIndex, place: _Place, *, known: Mapping[str, LoadedTask]
) -> list[LoadedTask]:
    """Load the tasks of lm-eval behind a choice that are not known yet."""
    if choice.file is not None:
        return [_load_file(choice, place)]
    refuse_unfit(choice.name, engine=place.engine, allow_code=place.allow_code)
    return [
        _load_official(name, choice, index, place)
        for name in index.leaves(choice.name)
        if name not in known
    ]


def _load_own(own: OwnTask, choice: TaskChoice, *, target: str | None) -> LoadedTask:
    lm_task = own_task(own)
    if choice.shots is not None and own.examples and choice.shots > len(own.examples):
        raise UsageError(f"the task `{own.name}` has {len(own.examples)} few-shot examples")
    configure(lm_task, choice, name=own.name)
    entry = _own_entry(own)
    task = record_of(own.name, lm_task, choice, entry, target=target, role=own.role)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=entry,
        cap=cap_in(lm_task),
        open_lm_task=lambda: lm_task,
        is_local=True,
    )


def _own_entry(own: OwnTask) -> CatalogEntry:
    """Return what is judged of an own task, in the words of the catalog."""
    readings = [reading.name for reading in own.readings]
    is_written = own.output_type is OutputType.GENERATE
    metric = {OutputType.GENERATE: "exact_match", OutputType.ROLLING: "bits_per_byte"}.get(
        own.output_type, "acc"
    )
    partner = f"exact_match,{readings[1]}" if len(readings) > 1 else None
    if own.has_demands:
        metric, partner = FOLLOWED, f"{LOOSELY_FOLLOWED},none"
    return CatalogEntry(
        match=(),
        folder="",
        domain=own.domain,
        metric=metric,
        filter=readings[0] if is_written and readings else "none",
        partner=partner,
        cluster="cluster",
    )


def _load_official(name: str, choice: TaskChoice, index: TaskIndex, place: _Place) -> LoadedTask:
    refuse_unfit(name, engine=place.engine, allow_code=place.allow_code)
    source = index.data_source(name)
    overrides = _from_mirror(source, place.data_dir)
    checked = checked_programs(name, allow_code=place.allow_code)
    with telling(name, source, place.data_dir, overrides), checked:
        lm_task = index.build(name, overrides)
    refuse_unable(lm_task, name=name, allow_code=place.allow_code)
    cap = choice.max_new_tokens or cap_of(name, place.style)
    configure(lm_task, replace(choice, max_new_tokens=cap), name=name)
    entry = look_up(name)
    role = entry.role if entry else Role.GENERAL
    task = record_of(name, lm_task, choice, entry, target=place.target, role=role)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=entry,
        cap=cap_in(lm_task),
        open_lm_task=lambda: lm_task,
        is_local=bool(overrides),
    )


def _load_file(choice: TaskChoice, place: _Place) -> LoadedTask:
    """Load a task file of one's own."""
    file = read_task_file(Path(choice.file or ""))
    source = (file.config.get("dataset_path"), file.config.get("dataset_name"))
    overrides = _from_mirror(source, place.data_dir)
    with telling(file.name, source, place.data_dir, overrides):
        lm_task = file.build(overrides)
    refuse_unable(lm_task, name=file.name)
    configure(lm_task, choice, name=file.name)
    task = record_of(file.name, lm_task, choice, None, target=place.target, role=Role.GENERAL)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=None,
        cap=cap_in(lm_task),
        open_lm_task=lambda: lm_task,
        is_local=bool(overrides),
    )


def _from_mirror(source: Source, data_dir: Path | None) -> dict[str, Any]:
    """Return what a task's configuration says otherwise where its data lie in a mirror."""
    path, config_name = source
    found = None if data_dir is None or path is None else find_data(data_dir, path, config_name)
    if found is None:
        return {}
    return {
        "dataset_path": found.format,
        "dataset_name": None,
        "dataset_kwargs": {"data_files": {s: str(f) for s, f in found.splits.items()}},
    }
