"""Rows before their verdict: what is compared, and the net change of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.pool import domain_pools, overall_pool, role_of
from forgetscope.records import Aggregate, Look, Policy, ProbeResult, Profile, Role
from forgetscope.statistics import NetChange, net_change

__all__ = ["FEWEST_ITEMS", "Matched", "Row", "matched"]

FEWEST_ITEMS = 10
"""Below this many pairs there is no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One future cell: a task, a domain (pooled) or everything (empty `domain`)."""

    name: str
    domain: str
    role: Role
    margin: float
    pairs: Pairs
    change: NetChange
    look: Look | None = None
    """How far the items were asked while their evidence was watched; `None` where it was not."""

    @property
    def was_stopped(self) -> bool:
        """Whether asking stopped before all items were answered."""
        return self.look is not None and not self.look.is_whole

    @property
    def is_mean(self) -> bool:
        """Whether the score is a mean over items."""
        return len(self.pairs.tasks) > 1 or self.pairs.tasks[0].aggregate is Aggregate.MEAN

    @property
    def makes_claims(self) -> bool:
        """Whether there is enough for any verdict."""
        pairs = self.pairs
        return not pairs.refusal and pairs.n >= FEWEST_ITEMS and self.change.n_clusters > 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matched:
    """Two checkpoints, paired: the rows of their comparison."""

    before: str
    after: str
    parts: tuple[Pairs, ...]
    overall: Row
    domains: tuple[Row, ...]
    tasks: tuple[Row, ...]
    probes: tuple[ProbeResult, ...]
    """What items answered when the later checkpoint was asked again in other words."""


def matched(
    before: Profile,
    after: Profile,
    parts: tuple[Pairs, ...],
    *,
    policy: Policy,
    looks: Mapping[str, Look],
) -> Matched:
    """Return the rows of a comparison from the paired items of its tasks.

    Parameters
    ----------
    before, after
        What was paired.
    parts
        The pairs of each task.
    policy
        Margins, roles and weights.
    looks
        By domain, where the evidence was watched.
    """
    changes: dict[int, NetChange] = {}

    def row(pairs: Pairs, name: str, domain: str, look: Look | None) -> Row:
        # a domain of one task is that task: its change is computed once
        if id(pairs) not in changes:
            changes[id(pairs)] = change_of(pairs, seed=policy.seed)
        return Row(
            name=name,
            domain=domain,
            role=role_of(pairs.tasks, policy=policy),
            margin=policy.margin_of(domain),
            pairs=pairs,
            change=changes[id(pairs)],
            look=look,
        )

    tasks = tuple(
        row(part, part.tasks[0].name, part.tasks[0].domain, looks.get(part.tasks[0].domain))
        for part in parts
    )
    pools = domain_pools(parts, policy=policy)
    everything = overall_pool(parts, policy=policy)
    return Matched(
        before=before.label,
        after=after.label,
        parts=parts,
        probes=after.probes,
        overall=row(everything, "overall", "", _stop_within(everything, looks)),
        domains=tuple(row(pairs, name, name, looks.get(name)) for name, pairs in pools.items()),
        tasks=tasks,
    )


def _stop_within(pairs: Pairs, looks: Mapping[str, Look]) -> Look | None:
    """Return the look that stopped first of those pooled here; `None` where none stopped."""
    names = {task.domain for task in pairs.tasks}
    stopped = [look for name, look in looks.items() if name in names and not look.is_whole]
    return min(stopped, key=lambda look: look.share, default=None)


def change_of(pairs: Pairs, *, seed: int) -> NetChange:
    """Return the net change of paired items, weighted as they are."""
    is_stratified = pairs.weighting in ("tasks", "own")
    return net_change(
        pairs.before_I,
        pairs.after_I,
        pairs.cluster_I,
        is_bounded=pairs.is_bounded,
        seed=seed,
        weight_I=pairs.weight_I,
        stratum_I=pairs.task_I if is_stratified else None,
    )
