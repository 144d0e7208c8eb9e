"""Load the tasks of a suite: official ones from lm-eval, own ones from memory."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import (
    DataError,
    ForgetscopeError,
    UnavailableError,
    UnknownNameError,
    UsageError,
)
from forgetscope.evaluation.harness.aggregate import aggregate_of, directions_of
from forgetscope.evaluation.harness.built import LoadedTask
from forgetscope.evaluation.harness.index import TaskIndex
from forgetscope.evaluation.harness.own import own_task
from forgetscope.evaluation.harness.programs import checked_programs, describe_isolation
from forgetscope.evaluation.harness.senses import check_senses
from forgetscope.evaluation.harness.task_file import read_task_file
from forgetscope.evaluation.harness.unfit import refuse_unable, refuse_unfit
from forgetscope.offline import FOLLOWED, LOOSELY_FOLLOWED
from forgetscope.records import UNBOUNDED_METRICS, OutputType, OwnTask, Purpose, Role, Task
from forgetscope.scoring.config import OWN_ENGINE
from forgetscope.suites import (
    PLACE_KEYS,
    CatalogEntry,
    Style,
    Suite,
    TaskChoice,
    cap_of,
    decoding_of,
    find_data,
    look_up,
    nominal_chance,
    task_fingerprint,
)

__all__ = ["LoadedSuite", "first_line", "load_suite_tasks", "load_tasks"]

_Source = tuple[str | None, str | None]
"""`dataset_path` and `dataset_name` of a task."""


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
        target=suite.target,
        data_dir=data_dir,
        allow_code=allow_code,
        engine=engine,
        style=style,
    )
    loaded: dict[str, LoadedTask] = {}
    left_out: list[str] = []
    for choice in suite.choices:
        try:
            found = [_load_own(task, choice, target=suite.target) for task in mine[choice]]
            if not found:
                found = _load_foreign(choice, index, place, known=loaded)
            for each in found:
                check_senses(each.lm_task, each.task, engine=engine)
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
    _configure(lm_task, choice, name=own.name)
    entry = _own_entry(own)
    task = _record(own.name, lm_task, choice, entry, target=target, role=own.role)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=entry,
        cap=_cap(lm_task),
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
    with _telling(name, source, place.data_dir, overrides), checked:
        lm_task = index.build(name, overrides)
    refuse_unable(lm_task, name=name, allow_code=place.allow_code)
    cap = choice.max_new_tokens or cap_of(name, place.style)
    _configure(lm_task, replace(choice, max_new_tokens=cap), name=name)
    entry = look_up(name)
    role = entry.role if entry else Role.GENERAL
    task = _record(name, lm_task, choice, entry, target=place.target, role=role)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=entry,
        cap=_cap(lm_task),
        open_lm_task=lambda: lm_task,
        is_local=bool(overrides),
    )


def _load_file(choice: TaskChoice, place: _Place) -> LoadedTask:
    """Load a task file of one's own."""
    file = read_task_file(Path(choice.file or ""))
    source = (file.config.get("dataset_path"), file.config.get("dataset_name"))
    overrides = _from_mirror(source, place.data_dir)
    with _telling(file.name, source, place.data_dir, overrides):
        lm_task = file.build(overrides)
    refuse_unable(lm_task, name=file.name)
    _configure(lm_task, choice, name=file.name)
    task = _record(file.name, lm_task, choice, None, target=place.target, role=Role.GENERAL)
    return LoadedTask(
        task=task,
        choice=choice,
        entry=None,
        cap=_cap(lm_task),
        open_lm_task=lambda: lm_task,
        is_local=bool(overrides),
    )


def _from_mirror(source: _Source, data_dir: Path | None) -> dict[str, Any]:
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


@contextmanager
def _telling(
    name: str, source: _Source, data_dir: Path | None, overrides: Mapping[str, Any]
) -> Iterator[None]:
    """Say which task cannot be built, and why."""
    path, config_name = source
    where = "" if data_dir is None else f", nor in `{data_dir}`"
    try:
        yield
    except ForgetscopeError:
        raise
    except ImportError as error:
        entry = look_up(name)
        needs = entry.needs if entry and entry.needs else error.name or "what it imports"
        raise UnavailableError(
            f"the task `{name}` needs software that is not installed: {first_line(error)}",
            hint=f"install {needs}, or leave the task out",
        ) from error
    except Exception as error:  # a task's own code and its data's network may fail in any way
        if overrides:
            raise _unreadable(name, overrides, error) from error
        raise DataError(
            f"cannot load task `{name}` (data set `{path}`, configuration "
            f"`{config_name or 'default'}`): {first_line(error)}",
            hint=f"the data are not on this machine{where}; point `--data-dir` at a mirror that "
            f"holds `{path}/{config_name or 'default'}/<split>.jsonl`, or connect to the hub",
        ) from error


def _unreadable(name: str, overrides: Mapping[str, Any], error: Exception) -> DataError:
    """Return the error that files of a mirror are there and cannot be used."""
    files = overrides["dataset_kwargs"]["data_files"].values()
    # what went wrong stands behind the library's "an error occurred"
    cause = error.__cause__ or error
    is_empty = isinstance(cause, StopIteration)
    why = "no document" if is_empty else f"{type(cause).__name__}: {first_line(cause)}"
    return DataError(
        f"cannot load task `{name}` from {', '.join(f'`{file}`' for file in files)}: {why}",
        hint="the file is there and cannot be read as documents of this task: was it cut off, or"
        " is it no UTF-8?",
    )


def first_line(error: BaseException) -> str:
    """Return what an error of foreign code says first."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]


def _configure(lm_task: LmTask, choice: TaskChoice, *, name: str) -> None:
    default = lm_task.get_config("num_fewshot")
    if choice.shots is not None:
        if default == 0 and choice.shots != 0:
            raise UsageError(f"the task `{name}` is defined without few-shot examples")
        lm_task.set_config("num_fewshot", choice.shots)
    elif default is None:
        lm_task.set_config("num_fewshot", 0)
    if lm_task.OUTPUT_TYPE == OutputType.GENERATE:
        _configure_generation(lm_task, choice)


def _configure_generation(lm_task: LmTask, choice: TaskChoice) -> None:
    changes: dict[str, Any] = {}
    if choice.max_new_tokens is not None:
        changes["max_gen_toks"] = choice.max_new_tokens
    # greedy decoding has many spellings: one that is greedy already keeps its own
    if choice.temperature is not None and (choice.temperature > 0 or _is_sampled(lm_task)):
        changes |= {"do_sample": choice.temperature > 0, "temperature": choice.temperature}
    if choice.top_p is not None and changes.get("do_sample", _is_sampled(lm_task)):
        changes["top_p"] = choice.top_p
    if changes:
        lm_task.set_config("generation_kwargs", changes, update=True)


def _cap(lm_task: LmTask) -> int | None:
    if lm_task.OUTPUT_TYPE != OutputType.GENERATE:
        return None
    return decoding_of(lm_task.get_config("generation_kwargs") or {}).max_new_tokens


def _is_sampled(lm_task: LmTask) -> bool:
    if lm_task.OUTPUT_TYPE != OutputType.GENERATE:
        return False
    return decoding_of(lm_task.get_config("generation_kwargs") or {}).do_sample


def _record(
    name: str,
    lm_task: LmTask,
    choice: TaskChoice,
    entry: CatalogEntry | None,
    *,
    target: str | None,
    role: Role,
) -> Task:
    output_type = OutputType(lm_task.OUTPUT_TYPE)
    named = choice.metric or (entry.metric if entry else None)
    directions = directions_of(lm_task, metric=named)
    metric = named or next(iter(directions))
    filter_name = choice.filter or (entry.filter if entry else _filters(lm_task)[0])
    if metric not in directions:
        raise UnknownNameError(f"metric of task `{name}`:", metric, known=directions)
    if filter_name not in _filters(lm_task):
        raise UnknownNameError(f"filter of task `{name}`:", filter_name, known=_filters(lm_task))
    domain = choice.domain or (entry.domain if entry else "other")
    version, shots = str(lm_task.VERSION), int(lm_task.get_config("num_fewshot") or 0)
    return Task(
        name=name,
        domain=domain,
        role=choice.role or (Role.TARGET if domain == target else role),
        purpose=choice.purpose or (entry.purpose if entry else Purpose.DEV),
        metric=metric,
        filter=filter_name,
        partner=entry.partner if entry else None,
        chance=nominal_chance(entry, output_type, metric),
        higher_is_better=bool(directions[metric]),
        aggregate=aggregate_of(lm_task, name=name, metric=metric),
        is_sampled=_is_sampled(lm_task),
        is_bounded=metric not in UNBOUNDED_METRICS,
        output_type=output_type,
        version=version,
        n_shots=shots,
        fingerprint=_fingerprint(lm_task, name, metric, filter_name),
    )


def _filters(lm_task: LmTask) -> list[str]:
    return [ensemble.name for ensemble in getattr(lm_task, "_filters", ())] or ["none"]


def _fingerprint(lm_task: LmTask, name: str, metric: str, filter_name: str) -> str:
    """Digest what makes scores comparable: the task's definition, not where its data lie."""
    config = lm_task.config.to_dict(keep_callable=True)
    for key in PLACE_KEYS:
        config.pop(key, None)
    return task_fingerprint(
        name,
        version=str(lm_task.VERSION),
        metric=metric,
        filter_name=filter_name,
        config=_describe(config),
    )


def _describe(value: Any) -> Any:  # noqa: ANN401  # a foreign configuration holds anything
    if isinstance(value, dict):
        return {str(key): _describe(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_describe(inner) for inner in value]
    if callable(value):
        try:
            return inspect.getsource(value)
        except (OSError, TypeError):
            return getattr(value, "__qualname__", type(value).__qualname__)
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
