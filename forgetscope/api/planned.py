"""What a suite would ask, as far as it can be told before anything is loaded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from forgetscope import offline
from forgetscope.records import UNBOUNDED_METRICS, OutputType, OwnTask, Purpose, Role
from forgetscope.suites import (
    TESTBED,
    UNFIT,
    Suite,
    TaskChoice,
    is_rows_file,
    known_items,
    look_up,
    n_leaves,
    read_own_tasks,
)

__all__ = ["PlannedTask", "planned_role", "planned_tasks", "pooled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One task of a suite, a group as one, before it is loaded."""

    name: str
    domain: str
    role: Role
    purpose: Purpose
    n: int | None
    """Items it asks, of a group whose sizes are not known at most; `None` where that shows only
    when it is loaded."""
    n_tasks: int = 1
    """Tasks behind a group."""
    metric: str = ""
    """Judged metric; empty where the task itself says so."""
    filter: str = "none"
    chance: float = math.nan
    """Score of a guesser on most items, a share; nan where it differs, or nothing is known."""
    flags: tuple[str, ...] = ()
    """Of `suites.FLAGS`."""
    needs: str = ""
    """Software beyond what forgetscope itself needs."""
    is_optional: bool = False

    @property
    def can_run(self) -> bool:
        """Whether such a task is ever run here."""
        return not set(UNFIT) & set(self.flags)

    @property
    def is_bounded(self) -> bool:
        """Whether its score is a share."""
        return self.metric not in UNBOUNDED_METRICS


def planned_tasks(suite: Suite) -> tuple[PlannedTask, ...]:
    """Return what is known of the tasks of a suite; a group of tasks counts as one.

    Raises
    ------
    DataError
        If a file of questions cannot be read.
    """
    return tuple(task for choice in suite.choices for task in _planned(choice, suite))


def planned_role(tasks: Sequence[PlannedTask]) -> Role:
    """Return the role of a domain, as `diagnosis.pool.role_of` will find it."""
    roles = {task.role for task in tasks}
    if Role.GENERAL in roles:
        return Role.GENERAL
    return roles.pop() if len(roles) == 1 else Role.WATCH


def pooled(tasks: Sequence[PlannedTask]) -> tuple[PlannedTask, ...]:
    """Return the tasks whose items are judged together in a domain; none where none can run.

    Those that can run here and have the role of the domain; of them the bounded ones, if any.
    """
    able = [task for task in tasks if task.can_run]
    judged = [t for t in able if t.role is Role.GENERAL] or able
    return tuple([task for task in judged if task.is_bounded] or judged)


def _planned(choice: TaskChoice, suite: Suite) -> Iterator[PlannedTask]:
    if choice.file is not None and is_rows_file(choice.file):
        own = read_own_tasks(Path(choice.file), name=choice.name, domain=choice.domain)
        yield from (_own(task, choice, suite) for task in own)
    elif choice.name.startswith(offline.PREFIX):
        made = offline.tasks(seed=suite.seed)
        yield from (_own(t, choice, suite) for t in made if fnmatchcase(t.name, choice.name))
    elif choice.name.startswith(TESTBED):
        # it loads torch, which no other plan needs
        from forgetscope import testbed

        tasks = testbed.tasks(seed=suite.seed)
        yield from (_own(t, choice, suite) for t in tasks if fnmatchcase(t.name, choice.name))
    else:
        yield _official(choice, suite)


def _own(own: OwnTask, choice: TaskChoice, suite: Suite) -> PlannedTask:
    n_options = {len(document.choices) for document in own.documents}
    is_choice = own.output_type is OutputType.MULTIPLE_CHOICE
    domain, n = choice.domain or own.domain, len(own.documents)
    chance = (1 / n_options.pop() if len(n_options) == 1 else math.nan) if is_choice else 0.0
    return PlannedTask(
        name=own.name,
        domain=domain,
        role=choice.role or _role(domain, suite, default=own.role),
        purpose=choice.purpose or Purpose.DEV,
        n=min(n, choice.limit or n, choice.total or n),
        metric="acc" if is_choice else offline.FOLLOWED if own.has_demands else "exact_match",
        filter=own.readings[0].name if own.readings else "none",
        chance=chance,
        is_optional=choice.optional,
    )


def _official(choice: TaskChoice, suite: Suite) -> PlannedTask:
    entry = look_up(choice.name) if choice.file is None else None
    domain = choice.domain or (entry.domain if entry else "other")
    found = PlannedTask(
        name=choice.name,
        domain=domain,
        role=choice.role or _role(domain, suite, default=entry.role if entry else Role.GENERAL),
        purpose=choice.purpose or (entry.purpose if entry else Purpose.DEV),
        n=_n_items(choice),
        n_tasks=n_leaves(choice.name),
        metric=choice.metric or (entry.metric if entry else ""),
        filter=choice.filter or (entry.filter if entry else "none"),
        is_optional=choice.optional,
    )
    if entry is None:
        return found
    chance = entry.nominal if entry.chance is None else entry.chance
    return replace(
        found,
        chance=math.nan if chance is None else chance,
        flags=entry.flags,
        needs=entry.needs,
    )


def _role(domain: str, suite: Suite, *, default: Role) -> Role:
    return Role.TARGET if domain == suite.target else default


def _n_items(choice: TaskChoice) -> int | None:
    whole = known_items(choice.name) if choice.file is None else None
    of_limit = None if choice.limit is None else choice.limit * n_leaves(choice.name)
    return min((n for n in (whole, of_limit, choice.total) if n is not None), default=None)
