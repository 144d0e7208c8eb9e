"""Compare two checkpoints: per task, per domain and overall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from forgetscope.diagnosis.cell import Criterion, cell, role_of
from forgetscope.diagnosis.pair import Pairs, pair, pool, refused
from forgetscope.errors import PairingError, UsageError
from forgetscope.records import Cell, Change, Comparison, Policy, Profile, Role, Transition

__all__ = ["check_policy", "compare", "domain_pools", "overall_pool"]

_DEFAULT = Policy()
_FEW_CLUSTERS = 10


def compare(
    before: Profile,
    after: Profile,
    *,
    policy: Policy = _DEFAULT,
    n_comparisons: int = 1,
) -> Comparison:
    """Compare two checkpoints over the items that both answered.

    Each claim is one-sided at `alpha`, jointly over all domains of all comparisons (Bonferroni);
    task rows are a family of their own, and so are the overall rows.

    Parameters
    ----------
    before, after
        Scores of the two checkpoints.
    policy
        What has to be proved of each domain, and how surely.
    n_comparisons
        Comparisons that are read side by side, as in a series.

    Raises
    ------
    PairingError
        If the two have no item in common, or were asked the same items in different words.
    UsageError
        If a margin or `alpha` of the policy is out of range.
    """
    check_policy(policy)
    parts = _pair_tasks(before, after)
    pools = domain_pools(parts)

    def criterion(rows: int, domain: str) -> Criterion:
        return Criterion(
            margin=policy.margin_of(domain), alpha=policy.alpha, family=rows * n_comparisons
        )

    domains = tuple(
        cell(pairs, name=name, domain=name, criterion=criterion(len(pools), name))
        for name, pairs in pools.items()
    )
    return Comparison(
        before=before.label,
        after=after.label,
        overall=cell(overall_pool(parts), name="overall", domain="", criterion=criterion(1, "")),
        domains=domains,
        tasks=tuple(
            cell(
                part,
                name=part.tasks[0].name,
                domain=part.tasks[0].domain,
                criterion=criterion(len(parts), part.tasks[0].domain),
            )
            for part in parts
        ),
        changes=tuple(change for part in parts for change in _changes(part)),
        warnings=tuple(_warnings(parts, domains, before.label)),
    )


def check_policy(policy: Policy) -> None:
    """Raise `UsageError` unless every margin is in [0, 1) and alpha in (0, 0.5)."""
    named = {name: own.margin for name, own in policy.domains.items() if own.margin is not None}
    for where, margin in {"": policy.margin, **named}.items():
        if not 0.0 <= margin < 1.0:
            of = f" of {where}" if where else ""
            raise UsageError(f"the margin{of} must be a share from 0 to below 1: {margin}")
    if not 0.0 < policy.alpha < 0.5:
        raise UsageError(f"alpha must lie between 0 and 0.5: {policy.alpha}")


def domain_pools(parts: Sequence[Pairs]) -> Mapping[str, Pairs]:
    """Return the pooled items of each domain, in the order in which domains first occur.

    Bounded tasks pool, whatever their metrics. A domain without any pools its unbounded tasks if
    they share one metric; else it cannot be measured as a whole.
    """
    by_domain: dict[str, list[Pairs]] = {}
    for part in parts:
        by_domain.setdefault(part.tasks[0].domain, []).append(part)
    return {name: _pool_domain(of_domain) for name, of_domain in by_domain.items()}


def overall_pool(parts: Sequence[Pairs]) -> Pairs:
    """Return the pooled items of the bounded tasks of general domains; of all if none is."""
    general = [part for part in parts if role_of(part.tasks) is Role.GENERAL]
    chosen = general or list(parts)
    bounded = [part for part in chosen if part.is_bounded]
    return pool(bounded) if bounded else _pool_domain(chosen)


def _pool_domain(parts: Sequence[Pairs]) -> Pairs:
    bounded = [part for part in parts if part.is_bounded]
    if bounded:
        return pool(bounded)
    if len({(part.tasks[0].metric, part.tasks[0].higher_is_better) for part in parts}) > 1:
        reason = "its tasks are unbounded and have different metrics"
        return pool([refused(part.tasks[0], reason) for part in parts])
    return pool(parts)


def _pair_tasks(before: Profile, after: Profile) -> list[Pairs]:
    """Pair every task that either side has, in the order of the first."""
    labels = (before.label, after.label)
    new = {column.task.name: column for column in after.columns}
    old = {column.task.name: column for column in before.columns}
    parts = []
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new:
            parts.append(pair(old[name], new[name], labels=labels))
        else:
            column, absent = (old[name], labels[1]) if name in old else (new[name], labels[0])
            parts.append(refused(column.task, f"`{absent}` did not answer this task"))
    both = [part for part in parts if part.tasks[0].name in old.keys() & new.keys()]
    if not both:
        raise PairingError(
            f"`{labels[0]}` and `{labels[1]}` have no task in common",
            hint="evaluate both with the same suite",
        )
    names = [part.tasks[0].name for part in both if not part.refusal]
    if not names:
        raise PairingError(
            f"`{labels[0]}` and `{labels[1]}` have no comparable task: "
            f"{both[0].tasks[0].name}: {both[0].refusal}",
            hint="evaluate both with the same suite and settings",
        )
    if not any(set(old[name].item_ids) & set(new[name].item_ids) for name in names):
        raise PairingError(
            f"`{labels[0]}` and `{labels[1]}` have no item in common, "
            f"though both answered {_listed(names)}",
            hint="evaluate both with the same suite and the same limit of items",
        )
    return parts


def _listed(names: Sequence[str]) -> str:
    first, *rest = names
    return f"{first} and {len(rest)} more tasks" if len(rest) > 1 else " and ".join([first, *rest])


def _changes(pairs: Pairs) -> Iterable[Change]:
    (task,) = pairs.tasks
    change_I = pairs.after_I - pairs.before_I
    for i in np.flatnonzero(change_I).tolist():
        yield Change(
            item_id=pairs.item_ids[i],
            task=task.name,
            domain=task.domain,
            transition=Transition.LOST if change_I[i] < 0 else Transition.GAINED,
            change=float(change_I[i]),
        )


def _warnings(parts: Sequence[Pairs], domains: Sequence[Cell], base: str) -> Iterable[str]:
    for part in parts:
        name = part.tasks[0].name
        if part.refusal:
            yield f"{name} is left out: {part.refusal}"
        if part.n_failed:
            yield f"{name}: {part.n_failed:,} answers could not be scored and count as 0"
        if part.n_missing:
            yield f"{name}: {part.n_missing:,} items lack a score on one side and are left out"
    for row in domains:
        if 1 < row.n_clusters < _FEW_CLUSTERS and row.n >= _FEW_CLUSTERS:
            yield f"{row.name}: its items come from only {row.n_clusters} sources"
        if row.n and row.metric != "mixed" and row.before == 1.0 and row.gained == 0:
            yield f"{row.name}: `{base}` is at the ceiling, so no gain is possible"
