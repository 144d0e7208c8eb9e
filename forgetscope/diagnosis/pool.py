"""Put tasks together: into their domains, and into everything that could be lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.pair import Pairs, numbered, refused
from forgetscope.errors import UsageError
from forgetscope.records import Policy, Role, Task, Weighting

__all__ = ["domain_pools", "overall_pool", "pool", "role_of"]


def role_of(tasks: tuple[Task, ...], *, policy: Policy | None = None) -> Role:
    """Return the role that tasks share; GENERAL, the judged one, if any of them has it.

    A policy that names a tier for the domain of all of them has the last word.
    """
    domains = {task.domain for task in tasks}
    if policy is not None and len(domains) == 1:
        own = policy.of(*domains).role
        if own is not None:
            return own
    roles = {task.role for task in tasks}
    if Role.GENERAL in roles:
        return Role.GENERAL
    return roles.pop() if len(roles) == 1 else Role.WATCH


def domain_pools(parts: Sequence[Pairs], *, policy: Policy) -> Mapping[str, Pairs]:
    """Return the pooled items of each domain, in the order in which domains first occur.

    Tasks that are only watched stay out of a domain that has others, unless the policy names its
    tier. Bounded tasks pool, whatever their metrics. A domain without any pools its unbounded
    tasks if they share one metric; else it cannot be measured as a whole.

    Raises
    ------
    UsageError
        If the policy weights tasks of a domain, but not these.
    """
    by_domain: dict[str, list[Pairs]] = {}
    for part in parts:
        by_domain.setdefault(part.tasks[0].domain, []).append(part)
    return {name: _judged(name, of, policy=policy) for name, of in by_domain.items()}


def _judged(name: str, parts: Sequence[Pairs], *, policy: Policy) -> Pairs:
    """Pool a domain; what is only watched is no part of a domain that the gate judges."""
    own, weights = policy.of(name), policy.of(name).weights
    if own.role is None:
        general = [part for part in parts if role_of(part.tasks) is Role.GENERAL]
        left = {task.name for part in parts if part not in general for task in part.tasks}
        if general and left:
            parts = general
            if not isinstance(weights, str):
                weights = {task: weight for task, weight in weights.items() if task not in left}
    return _pool_domain(parts, weights=weights)


def overall_pool(parts: Sequence[Pairs], *, policy: Policy) -> Pairs:
    """Return the pooled items of the bounded tasks of general domains; of all if none is."""
    general = [part for part in parts if role_of(part.tasks, policy=policy) is Role.GENERAL]
    chosen = general or list(parts)
    bounded = [part for part in chosen if part.is_bounded]
    return pool(bounded) if bounded else _pool_domain(chosen, weights="items")


def _pool_domain(parts: Sequence[Pairs], *, weights: Weighting) -> Pairs:
    bounded = [part for part in parts if part.is_bounded]
    if bounded:
        return pool(bounded, weights=weights)
    if len({(part.tasks[0].metric, part.tasks[0].higher_is_better) for part in parts}) > 1:
        reason = "its tasks are unbounded and have different metrics"
        return pool([refused(part.tasks[0], reason) for part in parts])
    return pool(parts, weights=weights)


def pool(parts: Sequence[Pairs], *, weights: Weighting = "items") -> Pairs:
    """Put the items of several tasks into one; refused tasks leave, unless all are refused.

    Parameters
    ----------
    parts
        One per task.
    weights
        `items`: every item counts the same. `tasks`: every task does. Else a weight per task.

    Raises
    ------
    UsageError
        If a task has no weight, or a weight no task.
    """
    known = _task_weights(parts, weights)
    usable = [part for part in parts if not part.refusal]
    if not usable:
        return replace(parts[0], tasks=tuple(task for part in parts for task in part.tasks))
    if len(usable) == 1:
        return usable[0]
    # numbered afresh: a source may serve several tasks
    clusters = tuple(chain.from_iterable(part.clusters for part in usable))
    weight_I, weighting = _item_weights(usable, known, weights)
    return Pairs(
        tasks=tuple(task for part in usable for task in part.tasks),
        task_I=np.repeat(np.arange(len(usable)), [part.n for part in usable]),
        item_ids=tuple(chain.from_iterable(part.item_ids for part in usable)),
        clusters=clusters,
        cluster_I=numbered(clusters),
        before_I=np.concatenate([part.before_I for part in usable]),
        after_I=np.concatenate([part.after_I for part in usable]),
        chance_I=np.concatenate([part.chance_I for part in usable]),
        weight_I=weight_I,
        weighting=weighting,
        before_sides=tuple(side for part in usable for side in part.before_sides),
        after_sides=tuple(side for part in usable for side in part.after_sides),
        n_missing=sum(part.n_missing for part in usable),
        n_failed=sum(part.n_failed for part in usable),
    )


def _task_weights(parts: Sequence[Pairs], weights: Weighting) -> dict[str, float]:
    """Return the weight of each task; empty where items weigh the same."""
    names = [task.name for part in parts for task in part.tasks]
    if weights == "items":
        return {}
    if isinstance(weights, str):
        return dict.fromkeys(names, 1.0)
    unlike = sorted(set(names) ^ set(weights))
    if unlike:
        of = parts[0].tasks[0].domain
        raise UsageError(
            f"the policy's weights of {of} and its tasks differ in {', '.join(unlike)}",
            hint=f"give each of its tasks a weight: {', '.join(names)}",
        )
    return dict(weights)


def _item_weights(
    parts: Sequence[Pairs], known: Mapping[str, float], weights: Weighting
) -> tuple[NDArray[np.float64] | None, str]:
    if known:
        shares = [np.full(part.n, known[part.tasks[0].name] / max(part.n, 1)) for part in parts]
        return np.concatenate(shares), weights if isinstance(weights, str) else "own"
    if any(part.weight_I is None for part in parts):
        return None, "items"
    return np.concatenate([part.weight_I for part in parts if part.weight_I is not None]), "bytes"
