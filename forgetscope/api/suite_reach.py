"""What the items of a suite could prove, before it is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forgetscope.api.planned import PlannedTask, planned_tasks, pooled
from forgetscope.api.power import Level, check_discordances
from forgetscope.api.reach import DOMAIN, POINTS, TASK, Reach, assumed, by_domain
from forgetscope.errors import UsageError
from forgetscope.records import Policy
from forgetscope.suites import Suite

__all__ = ["reach_of_suite"]


def reach_of_suite(
    suite: Suite, *, policy: Policy, level: Level, checkpoints: int, discordance: float
) -> tuple[Reach, ...]:
    """Return what the items of a suite could prove; a group of tasks counts as one task.

    Parameters
    ----------
    suite
        Its limits and what is known of whole tasks are the numbers of items; other tasks may have
        any. Tasks that are never run here are no part of it.
    policy
        The margins.
    level
        Its claims are counted anew: rows times checkpoints.
    checkpoints
        Checkpoints after the base.
    discordance
        Assumed share of items that change sides.

    Raises
    ------
    UsageError
        If the policy names a domain that the suite has not, or the share is out of range.
    """
    check_discordances([discordance])
    tasks = [task for task in planned_tasks(suite) if task.can_run]
    domains = _domains(tasks)
    for name in policy.domains:
        if name not in domains:
            raise UsageError(
                f"the policy names {name}, but the suite `{suite.name}` has no task of it",
                hint=f"its domains: {', '.join(domains)}",
            )
    pools = [(name, name, pooled) for name, pooled in domains.items()]
    alone = [(task.name, task.domain, [task]) for task in tasks]
    rows = []
    for kind, found in (DOMAIN, pools), (TASK, alone):
        shared = replace(level, claims=max(len(found), 1) * checkpoints)
        for name, domain, parts in found:
            row = Reach(
                kind=kind,
                name=name,
                domain=domain,
                n=_total([task.n for task in parts]),
                discordance=discordance,
                is_measured=False,
                margin=policy.margin_of(domain),
                unit=_unit(parts),
            )
            rows.append(assumed(row, level=shared))
    return by_domain(rows)


def _domains(tasks: Sequence[PlannedTask]) -> dict[str, tuple[PlannedTask, ...]]:
    found: dict[str, list[PlannedTask]] = {}
    for task in tasks:
        found.setdefault(task.domain, []).append(task)
    return {name: pooled(of_domain) for name, of_domain in found.items()}


def _unit(tasks: Sequence[PlannedTask]) -> str:
    return POINTS if tasks[0].is_bounded else tasks[0].metric


def _total(parts: Sequence[int | None]) -> int | None:
    known = [n for n in parts if n is not None]
    return sum(known) if len(known) == len(parts) else None
