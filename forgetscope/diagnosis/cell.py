"""One row of a comparison, with its verdict. I paired items."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import FEWEST_ITEMS, Row
from forgetscope.diagnosis.score import Criterion, score_change, shown
from forgetscope.diagnosis.verdict import decide, why_base_says_nothing
from forgetscope.diagnosis.watched import why_stopped_says_nothing
from forgetscope.records import Cell, Verdict
from forgetscope.statistics import Interval, detectable_from, further_items, net_change

__all__ = ["base_cell", "cell"]

_MISSING_IGNORED = 0.01
_OPEN = (Verdict.UNDECIDED, Verdict.SLIPPED)


def cell(row: Row, criterion: Criterion) -> Cell:
    """Return the cell of a row, without what is found beside its verdict."""
    pairs, change = row.pairs, row.change
    scored = score_change(row, criterion)
    reason = _why_not(row, criterion, scored.joint)
    n_same, n_unsolved = int((pairs.before_I == pairs.after_I).sum()), _n_unsolved(pairs)
    verdict = Verdict.CANNOT_MEASURE if reason else decide(scored.joint, margin=row.margin)
    is_tested = row.makes_claims and row.is_mean
    unjudged = bool(why_stopped_says_nothing(row))
    joint, alone = (_none(i) if unjudged else i for i in (scored.joint, scored.alone))
    return replace(
        _without_change(row, reason=reason),
        before=scored.before,
        after=scored.after,
        change=scored.change,
        low=joint.low,
        high=joint.high,
        unadjusted_low=alone.low,
        unadjusted_high=alone.high,
        p_value=math.nan if unjudged else scored.p_value,
        verdict=verdict,
        lost=change.fell,
        gained=change.rose,
        retained=n_same - n_unsolved,
        unsolved=n_unsolved,
        format_share=_format_share(pairs),
        needs=further_items(change, margin=row.margin, alpha=criterion.alpha_each)
        if is_tested and verdict in _OPEN
        else None,
        method=joint.method,
        detectable=detectable_from(change, alpha=criterion.alpha_each) if is_tested else math.nan,
    )


def base_cell(row: Row, *, alpha: float) -> Cell:
    """Return the cell of a checkpoint alone: its score, and whether a loss could show at all."""
    reason = why_base_says_nothing(row, alpha=alpha)
    found = _without_change(row, reason=row.pairs.refusal or reason or "nothing to compare with")
    return replace(found, before=score_change(row, Criterion(alpha=alpha, alpha_each=alpha)).before)


def _without_change(row: Row, *, reason: str) -> Cell:
    pairs = row.pairs
    metrics = {task.metric for task in pairs.tasks}
    purposes = {task.purpose for task in pairs.tasks}
    has_chance = row.is_mean and bool(np.isfinite(pairs.chance_I).any())
    return Cell(
        name=row.name,
        domain=row.domain,
        role=row.role,
        purpose=purposes.pop() if len(purposes) == 1 else None,
        metric=metrics.pop() if len(metrics) == 1 else "mixed",
        n=pairs.n,
        n_clusters=row.change.n_clusters,
        before=math.nan,
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
        chance=shown(np.nan_to_num(pairs.chance_I, nan=0.0), pairs) if has_chance else math.nan,
        needs=None,
        method="none",
        margin=row.margin,
        weighting=pairs.weighting,
        n_missing=pairs.n_missing,
        stopped_of=row.look.of if row.look and row.domain and row.was_stopped else None,
    )


def _none(interval: Interval) -> Interval:
    """Return what stands where an interval would be no valid one."""
    return replace(interval, low=math.nan, high=math.nan, method="none")


def _why_not(row: Row, criterion: Criterion, joint: Interval) -> str:
    """Return why no verdict is possible; empty if one is."""
    pairs = row.pairs
    if pairs.refusal:
        return pairs.refusal
    unjudged = why_stopped_says_nothing(row)
    if unjudged:
        return unjudged
    if pairs.n < FEWEST_ITEMS:
        return f"only {pairs.n} paired items: {FEWEST_ITEMS} are the least"
    if row.change.n_clusters == 1:
        return "all items share one source, so there is no independent evidence"
    reason = why_base_says_nothing(row, alpha=criterion.alpha)
    if reason:
        return reason
    if math.isnan(joint.low):
        return _why_no_interval(row)
    if _missing_items_decide(row, criterion):
        return (
            f"missing items decide: {pairs.n_missing:,} of {pairs.n + pairs.n_missing:,} items "
            "lack a score on one side"
        )
    return ""


def _why_no_interval(row: Row) -> str:
    if row.is_mean:
        return "every item changed by the same amount: an unbounded metric has no interval then"
    metric = row.pairs.tasks[0].metric
    if row.change.fell == row.change.rose == 0:
        return f"no answer changed, and resampling cannot tell how surely {metric} held"
    return f"{metric} is undefined on some resampled sets of these items"


def _missing_items_decide(row: Row, criterion: Criterion) -> bool:
    """Whether the verdict would differ if all missing items were lost, or all were gained."""
    pairs = row.pairs
    if pairs.n_missing <= _MISSING_IGNORED * (pairs.n + pairs.n_missing):
        return False
    if not pairs.is_bounded or not row.is_mean:  # there is no worst case to try
        return True
    return _verdict_if(row, -1.0, criterion) is not _verdict_if(row, 1.0, criterion)


def _verdict_if(row: Row, moved: float, criterion: Criterion) -> Verdict:
    """Return the verdict if every missing item had changed by `moved`, -1 or 1."""
    pairs = row.pairs
    before_M = np.full(pairs.n_missing, moved < 0.0, dtype=np.float64)
    own_M = pairs.cluster_I.max() + 1 + np.arange(pairs.n_missing, dtype=np.intp)
    weight_I = pairs.weight_I
    change = net_change(
        np.concatenate([pairs.before_I, before_M]),
        np.concatenate([pairs.after_I, 1.0 - before_M]),
        np.concatenate([pairs.cluster_I, own_M]),
        weight_I=None if weight_I is None else _extended(weight_I, pairs.n_missing),
        seed=criterion.seed,
    )
    return decide(change.interval(criterion.alpha_each), margin=row.margin)


def _extended(weight_I: NDArray[np.float64], n_missing: int) -> NDArray[np.float64]:
    """Give missing items the mean weight: which task they belong to is not known."""
    return np.concatenate([weight_I, np.full(n_missing, weight_I.mean())])


def _n_unsolved(pairs: Pairs) -> int:
    """Count the items that both sides failed; an unbounded metric knows no failure."""
    if not pairs.is_bounded:
        return 0
    return int(((pairs.before_I == 0.0) & (pairs.after_I == 0.0)).sum())


def _format_share(pairs: Pairs) -> float:
    lost_I = pairs.after_I < pairs.before_I
    return float(pairs.after.is_format_I[lost_I].mean()) if lost_I.any() else math.nan
