"""Compare two checkpoints, or a whole series with its base: per task, per domain and overall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from forgetscope.diagnosis.cell import cell
from forgetscope.diagnosis.family import levels
from forgetscope.diagnosis.findings import with_adjuncts, with_findings
from forgetscope.diagnosis.pair import Pairs, pair, refused
from forgetscope.diagnosis.row import Matched, Row, matched
from forgetscope.diagnosis.score import Criterion
from forgetscope.diagnosis.watched import common_part
from forgetscope.errors import PairingError, UsageError
from forgetscope.records import Cell, Change, Comparison, Policy, Profile, Transition

__all__ = ["check_policy", "compare", "comparisons_of", "match"]

_DEFAULT = Policy()
_FEW_CLUSTERS = 10


def compare(before: Profile, after: Profile, *, policy: Policy = _DEFAULT) -> Comparison:
    """Compare two checkpoints over the items that both answered.

    Each claim is one-sided at `alpha`, jointly over all domains; task rows are a family of their
    own, and so is the overall row.

    Parameters
    ----------
    before, after
        Scores of the two checkpoints.
    policy
        What has to be proved of each domain, and how surely.

    Raises
    ------
    PairingError
        If the two have no item in common, or were asked the same items in different words.
    UsageError
        If a margin or `alpha` of the policy is out of range, or its weights fit no tasks.
    """
    check_policy(policy)
    return comparisons_of([match(before, after, policy=policy)], policy=policy)[0]


def match(before: Profile, after: Profile, *, policy: Policy) -> Matched:
    """Pair two checkpoints task by task; see `compare` for what is refused."""
    before, after, looks = common_part(before, after)
    parts = tuple(_pair_tasks(before, after))
    return matched(before, after, parts, policy=policy, looks=looks)


def comparisons_of(matched_C: Sequence[Matched], *, policy: Policy) -> tuple[Comparison, ...]:
    """Return comparisons that are read side by side: their claims hold together at alpha."""
    overall_C = _cells(matched_C, [(each.overall,) for each in matched_C], policy)
    domains_C = _cells(matched_C, [each.domains for each in matched_C], policy)
    tasks_C = _cells(matched_C, [each.tasks for each in matched_C], policy)
    return tuple(
        Comparison(
            before=each.before,
            after=each.after,
            overall=overall[0],
            domains=domains,
            tasks=tasks,
            changes=tuple(change for part in each.parts for change in _changes(part)),
            warnings=tuple(_warnings(each.parts, domains, each.before)),
        )
        for each, overall, domains, tasks in zip(
            matched_C, overall_C, domains_C, tasks_C, strict=True
        )
    )


def _cells(
    matched_C: Sequence[Matched], rows_C: Sequence[Sequence[Row]], policy: Policy
) -> list[tuple[Cell, ...]]:
    """Return the cells of one family of rows."""
    level_C = levels(rows_C, alpha=policy.alpha, seed=policy.seed)
    found_C = []
    for each, rows, level in zip(matched_C, rows_C, level_C, strict=True):
        found = []
        for row, alpha_each in zip(rows, level, strict=True):
            criterion = Criterion(alpha=policy.alpha, alpha_each=alpha_each, seed=policy.seed)
            whole = replace(row, pairs=row.pairs.joined())
            made = cell(whole, criterion)
            found.append(with_findings(made, whole, criterion, probes=each.probes))
        found_C.append(found)
    return with_adjuncts(found_C, alpha=policy.alpha)


def check_policy(policy: Policy) -> None:
    """Raise `UsageError` unless every margin is in [0, 1) and alpha in (0, 0.5)."""
    named = {name: own.margin for name, own in policy.domains.items() if own.margin is not None}
    for where, margin in {"": policy.margin, **named}.items():
        if not 0.0 <= margin < 1.0:
            of = f" of {where}" if where else ""
            raise UsageError(f"the margin{of} must be a share from 0 to below 1: {margin}")
    if not 0.0 < policy.alpha < 0.5:
        raise UsageError(f"alpha must lie between 0 and 0.5: {policy.alpha}")


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
    changed_i = np.flatnonzero(change_I)
    for i, change in zip(changed_i.tolist(), change_I[changed_i].tolist(), strict=True):
        yield Change(
            item_id=pairs.item_ids[i],
            task=task.name,
            domain=task.domain,
            transition=Transition.LOST if change < 0 else Transition.GAINED,
            change=change,
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
