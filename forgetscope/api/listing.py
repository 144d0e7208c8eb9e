"""What presets and suite files hold, told without loading a task."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.api.planned import PlannedTask, planned_role, planned_tasks, pooled
from forgetscope.api.power import Level, provable
from forgetscope.records import Purpose, Role
from forgetscope.suites import Suite, load_suite, preset_names

__all__ = ["ASSUMED", "ListedDomain", "SuiteListing", "list_suite", "presets"]

ASSUMED = 0.10
"""Share of items that change sides, where nothing is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDomain:
    """One domain of a suite."""

    name: str
    role: Role
    purpose: Purpose | None
    """`None` where it has tasks of both."""
    n: int
    """Items that are judged together and can run here, as far as they are known."""
    is_whole: bool
    """Whether all of them are known."""
    detectable: float
    """Smallest loss that `n` items prove, a share; nan where none are known, or their metric is no
    share."""
    tasks: tuple[PlannedTask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteListing:
    """What a suite measures, domain by domain."""

    suite: Suite
    domains: tuple[ListedDomain, ...]
    level: Level
    """How surely the smallest losses are proved, for one checkpoint after the base."""

    @property
    def n(self) -> int:
        """Items that can run here, as far as they are known."""
        tasks = [task for domain in self.domains for task in domain.tasks]
        return sum(task.n or 0 for task in tasks if task.can_run)

    @property
    def is_whole(self) -> bool:
        """Whether all of them are known."""
        tasks = [task for domain in self.domains for task in domain.tasks]
        return all(task.n is not None for task in tasks if task.can_run)

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags that any of its tasks bears, in order of appearance."""
        tasks = [task for domain in self.domains for task in domain.tasks]
        return tuple(dict.fromkeys(flag for task in tasks for flag in task.flags))


def presets() -> tuple[Suite, ...]:
    """Return every preset."""
    return tuple(load_suite(name) for name in preset_names())


def list_suite(suite: Suite) -> SuiteListing:
    """Return what a suite holds.

    Raises
    ------
    DataError
        If a file of questions in it cannot be read.
    """
    by_domain: dict[str, list[PlannedTask]] = {}
    for task in planned_tasks(suite):
        by_domain.setdefault(task.domain, []).append(task)
    level = Level(claims=len(by_domain))
    domains = tuple(_domain(name, tasks, level=level) for name, tasks in by_domain.items())
    return SuiteListing(suite=suite, domains=domains, level=level)


def _domain(name: str, tasks: Sequence[PlannedTask], *, level: Level) -> ListedDomain:
    purposes = {task.purpose for task in tasks}
    counted = pooled(tasks)
    n = sum(task.n or 0 for task in counted)
    is_bounded = all(task.is_bounded for task in counted)
    return ListedDomain(
        name=name,
        role=planned_role(tasks),
        purpose=purposes.pop() if len(purposes) == 1 else None,
        n=n,
        is_whole=all(task.n is not None for task in counted),
        detectable=provable(n, ASSUMED, level=level) if n and is_bounded else math.nan,
        tasks=tuple(tasks),
    )
