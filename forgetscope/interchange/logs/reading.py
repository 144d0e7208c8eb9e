"""Which of a log's metrics and filters is the ONE number of a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import LogError, PairingError
from forgetscope.records import Task
from forgetscope.suites import CatalogEntry

__all__ = ["Reading", "choose_reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The number of a task that is judged."""

    metric: str
    filter_name: str
    notes: tuple[str, ...] = ()


def choose_reading(
    metrics: Sequence[str],
    filters: Sequence[str],
    *,
    task: str,
    known: Task | None,
    entry: CatalogEntry | None = None,
) -> Reading:
    """Return the reading that the study has of a task, else the catalog's, else the first.

    Parameters
    ----------
    metrics, filters
        What the log has, in its order.
    task
        Name of the task.
    known
        The task as the study has it.
    entry
        What the catalog says of it; it speaks of lm-eval's metrics alone.

    Raises
    ------
    LogError
        If no metric of the log has a value for each item.
    PairingError
        If the log lacks the reading that the study has.
    """
    if not metrics:
        raise LogError(
            f"the log of `{task}` has no metric with a number for each document",
            hint="leave the task out with `--tasks`",
        )
    if known is not None:
        if known.metric in metrics and known.filter in filters:
            return Reading(metric=known.metric, filter_name=known.filter)
        raise PairingError(
            f"the study judges `{task}` by `{known.metric},{known.filter}`, and the log has "
            f"{', '.join(metrics)} under the filters {', '.join(filters)}",
            hint="leave the task out with `--tasks`, or import into another study",
        )
    if entry is not None and entry.metric in metrics and entry.filter in filters:
        return Reading(metric=entry.metric, filter_name=entry.filter)
    chosen = Reading(metric=metrics[0], filter_name=filters[0])
    if entry is None:
        return chosen
    note = (
        f"`{task}` is judged by `{chosen.metric},{chosen.filter_name}`: the log lacks "
        f"`{entry.metric},{entry.filter}`"
    )
    return Reading(metric=chosen.metric, filter_name=chosen.filter_name, notes=(note,))
