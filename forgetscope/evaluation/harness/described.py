"""A task of lm-eval as a record of ours, with a digest of what makes its scores comparable."""

from __future__ import annotations

import inspect
from typing import Any

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UnknownNameError
from forgetscope.evaluation.harness.aggregate import aggregate_of, directions_of
from forgetscope.evaluation.harness.configured import is_sampled
from forgetscope.records import UNBOUNDED_METRICS, OutputType, Purpose, Role, Task
from forgetscope.suites import (
    PLACE_KEYS,
    CatalogEntry,
    TaskChoice,
    nominal_chance,
    task_fingerprint,
)

__all__ = ["record_of"]


def record_of(
    name: str,
    lm_task: LmTask,
    choice: TaskChoice,
    entry: CatalogEntry | None,
    *,
    target: str | None,
    role: Role,
) -> Task:
    """Return what a study keeps of a task.

    Parameters
    ----------
    entry
        What the catalog knows of it.
    target
        Domain that was trained for.
    role
        Of the task where neither choice nor target says another.

    Raises
    ------
    UnknownNameError
        If the task has no such metric or filter.
    """
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
        is_sampled=is_sampled(lm_task),
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
