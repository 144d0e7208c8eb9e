"""One row of a comparison, from its paired items. I paired items."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.verdict import FEWEST_ITEMS, decide, why_base_says_nothing
from forgetscope.records import Cell, Role, Task, Verdict
from forgetscope.statistics import Interval, NetChange, further_items, net_change

__all__ = ["Criterion", "base_cell", "cell", "role_of"]

_MISSING_IGNORED = 0.01
_OPEN = (Verdict.UNDECIDED, Verdict.SLIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What has to be proved, and how surely."""

    margin: float
    """Largest loss that still counts as held, a share or in the metric's own unit."""
    alpha: float
    """Error probability of each one-sided claim over the whole family."""
    family: int
    """Claims that are made side by side (Bonferroni)."""

    @property
    def alpha_each(self) -> float:
        """Error probability of each one-sided claim."""
        return self.alpha / self.family


def cell(pairs: Pairs, *, name: str, domain: str, criterion: Criterion) -> Cell:
    """Return the row of a task, of a domain (pooled) or of everything (empty `domain`)."""
    change = net_change(pairs.before_I, pairs.after_I, pairs.cluster_I, is_bounded=pairs.is_bounded)
    joint, alone = change.interval(criterion.alpha_each), change.interval(criterion.alpha)
    reason = _why_not(pairs, change, criterion, joint)
    n_same, n_unsolved = int((pairs.before_I == pairs.after_I).sum()), _n_unsolved(pairs)
    verdict = Verdict.CANNOT_MEASURE if reason else decide(joint, margin=criterion.margin)
    return replace(
        _without_change(
            pairs, name=name, domain=domain, reason=reason, n_clusters=change.n_clusters
        ),
        after=_shown(pairs.after_I, pairs.tasks),
        change=change.change,
        low=joint.low,
        high=joint.high,
        unadjusted_low=alone.low,
        unadjusted_high=alone.high,
        p_value=change.p_value if pairs.n else math.nan,
        verdict=verdict,
        lost=change.fell,
        gained=change.rose,
        retained=n_same - n_unsolved,
        unsolved=n_unsolved,
        format_share=_format_share(pairs),
        needs=(
            further_items(change, margin=criterion.margin, alpha=criterion.alpha_each)
            if verdict in _OPEN
            else None
        ),
        method=joint.method,
        margin=criterion.margin,
    )


def base_cell(pairs: Pairs, *, name: str, domain: str, criterion: Criterion) -> Cell:
    """Return the row of a checkpoint alone: its score, and whether a loss could show at all."""
    reason = why_base_says_nothing(pairs, margin=criterion.margin, alpha=criterion.alpha)
    return _without_change(
        pairs,
        name=name,
        domain=domain,
        reason=pairs.refusal or reason or "nothing to compare with",
        n_clusters=len(set(pairs.cluster_I.tolist())),
    )


def role_of(tasks: tuple[Task, ...]) -> Role:
    """Return the role that tasks share; GENERAL, the judged one, if any of them has it."""
    roles = {task.role for task in tasks}
    if Role.GENERAL in roles:
        return Role.GENERAL
    return roles.pop() if len(roles) == 1 else Role.WATCH


def _without_change(pairs: Pairs, *, name: str, domain: str, reason: str, n_clusters: int) -> Cell:
    metrics = {task.metric for task in pairs.tasks}
    known_I = np.nan_to_num(pairs.chance_I, nan=0.0)
    has_chance = bool(np.isfinite(pairs.chance_I).any())
    return Cell(
        name=name,
        domain=domain,
        role=role_of(pairs.tasks),
        metric=metrics.pop() if len(metrics) == 1 else "mixed",
        n=pairs.n,
        n_clusters=n_clusters,
        before=_shown(pairs.before_I, pairs.tasks),
        after=math.nan,
        change=math.nan,
        low=math.nan,
        high=math.nan,
        unadjusted_low=math.nan,
        unadjusted_high=math.nan,
        p_value=math.nan,
        verdict=Verdict.CANNOT_MEASURE,
        reason=reason,
        lost=0,
        gained=0,
        retained=0,
        unsolved=0,
        format_share=math.nan,
        chance=_shown(known_I, pairs.tasks) if has_chance else math.nan,
        needs=None,
        method="none",
    )


def _why_not(pairs: Pairs, change: NetChange, criterion: Criterion, joint: Interval) -> str:
    """Return why no verdict is possible; empty if one is."""
    if pairs.refusal:
        return pairs.refusal
    if pairs.n < FEWEST_ITEMS:
        return f"only {pairs.n} paired items: {FEWEST_ITEMS} are the least"
    if change.n_clusters == 1:
        return "all items share one source, so there is no independent evidence"
    reason = why_base_says_nothing(pairs, margin=criterion.margin, alpha=criterion.alpha)
    if reason:
        return reason
    if math.isnan(joint.low):
        return "every item changed by the same amount: an unbounded metric has no interval then"
    if _missing_items_decide(pairs, criterion):
        return (
            f"missing items decide: {pairs.n_missing:,} of {pairs.n + pairs.n_missing:,} items "
            "lack a score on one side"
        )
    return ""


def _missing_items_decide(pairs: Pairs, criterion: Criterion) -> bool:
    """Whether the verdict would differ if all missing items were lost, or all were gained."""
    if pairs.n_missing <= _MISSING_IGNORED * (pairs.n + pairs.n_missing):
        return False
    if not pairs.is_bounded:  # there is no worst case to try
        return True
    low_M, high_M = np.zeros(pairs.n_missing), np.ones(pairs.n_missing)
    return _verdict_with(pairs, high_M, low_M, criterion) is not _verdict_with(
        pairs, low_M, high_M, criterion
    )


def _verdict_with(
    pairs: Pairs,
    before_M: NDArray[np.float64],
    after_M: NDArray[np.float64],
    criterion: Criterion,
) -> Verdict:
    cluster_I = pairs.cluster_I
    own_M = cluster_I.max() + 1 + np.arange(len(before_M), dtype=np.intp)
    change = net_change(
        np.concatenate([pairs.before_I, before_M]),
        np.concatenate([pairs.after_I, after_M]),
        np.concatenate([cluster_I, own_M]),
    )
    return decide(change.interval(criterion.alpha_each), margin=criterion.margin)


def _shown(score_I: NDArray[np.float64], tasks: tuple[Task, ...]) -> float:
    """Return the mean score in the direction of the metric, which pairing may have turned."""
    if len(score_I) == 0:
        return math.nan
    mean = float(score_I.mean())
    if any(task.higher_is_better for task in tasks):
        return mean
    return 1.0 - mean if tasks[0].is_bounded else -mean


def _n_unsolved(pairs: Pairs) -> int:
    """Count the items that both sides failed; an unbounded metric knows no failure."""
    if not pairs.is_bounded:
        return 0
    return int(((pairs.before_I == 0.0) & (pairs.after_I == 0.0)).sum())


def _format_share(pairs: Pairs) -> float:
    lost_I = pairs.after_I < pairs.before_I
    return float(pairs.broken_I[lost_I].mean()) if lost_I.any() else math.nan
