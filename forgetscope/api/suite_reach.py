"""What the items of a suite could prove, before it is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from forgetscope.api.power import Level, check_discordances
from forgetscope.api.reach import DOMAIN, TASK, Reach, by_domain, judged
from forgetscope.errors import UsageError
from forgetscope.records import Policy
from forgetscope.suites import TESTBED, Suite, look_up

__all__ = ["reach_of_suite"]


def reach_of_suite(
    suite: Suite, *, policy: Policy, level: Level, checkpoints: int, discordance: float
) -> tuple[Reach, ...]:
    """Return what the items of a suite could prove; a group of tasks counts as one task.

    Parameters
    ----------
    suite
        Its limits are the numbers of items; a task without one may have any.
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
    tasks = tuple(_tasks_of(suite))
    sizes: dict[str, list[int | None]] = {}
    for _, domain, n in tasks:
        sizes.setdefault(domain, []).append(n)
    domains = tuple((name, name, _total(parts)) for name, parts in sizes.items())
    for name in policy.domains:
        if name not in sizes:
            raise UsageError(
                f"the policy names {name}, but the suite `{suite.name}` has no task of it",
                hint=f"its domains: {', '.join(sizes)}",
            )
    rows = []
    for kind, found in (DOMAIN, domains), (TASK, tasks):
        shared = replace(level, claims=len(found) * checkpoints)
        for name, domain, n in found:
            row = Reach(
                kind=kind,
                name=name,
                domain=domain,
                n=n,
                discordance=discordance,
                is_measured=False,
                margin=policy.margin_of(domain),
            )
            rows.append(judged(row, level=shared))
    return by_domain(rows)


def _tasks_of(suite: Suite) -> Iterator[tuple[str, str, int | None]]:
    """Yield name, domain and number of items of each task of a suite."""
    for choice in suite.choices:
        if choice.name.startswith(TESTBED):
            # it loads torch, which no other plan needs
            from forgetscope import testbed

            for own in testbed.tasks(seed=suite.seed):
                if fnmatchcase(own.name, choice.name):
                    n = min(len(own.documents), choice.limit or len(own.documents))
                    yield own.name, choice.domain or own.domain, n
            continue
        entry = look_up(choice.name)
        yield choice.name, choice.domain or (entry.domain if entry else "other"), choice.limit


def _total(parts: Sequence[int | None]) -> int | None:
    known = [n for n in parts if n is not None]
    return sum(known) if len(known) == len(parts) else None
