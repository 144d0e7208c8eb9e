"""What came back when lost items were asked again: elicitation lost, or knowledge lost.

Items that come back support "elicitation lost", items that do not support "knowledge lost"
(arXiv:2501.13453). It is evidence, no proof: help can also lead to an answer that was never known,
and chance or a nudge can turn a close call. So items wrong both times are asked in the same way,
and what comes right among THEM is what the help alone brings.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from forgetscope.records import Estimate, ProbeKind, ProbeResult, Recovered
from forgetscope.statistics import wilson

__all__ = ["recovered"]


def recovered(
    results: Iterable[ProbeResult],
    *,
    lost: Collection[str],
    unsolved: Collection[str],
    alpha: float,
) -> tuple[Recovered, ...]:
    """Return what came back of the lost items of a cell, one record per kind that was asked.

    Parameters
    ----------
    results
        Of any items; those that are neither lost nor unsolved are left out.
    lost, unsolved
        Ids of the items right before and wrong after, and of those wrong both times.
    alpha
        Error probability of each end of the intervals (Wilson).
    """
    lost_ids, unsolved_ids = frozenset(lost), frozenset(unsolved)
    known = [result for result in results if math.isfinite(result.value)]
    found = []
    for kind in ProbeKind:
        of_kind = [result for result in known if result.kind is kind]
        asked = [result.value for result in of_kind if result.item_id in lost_ids]
        control = [result.value for result in of_kind if result.item_id in unsolved_ids]
        if asked:
            found.append(
                Recovered(
                    kind=kind.value,
                    n=len(asked),
                    came_back=_share(asked, alpha=alpha),
                    control=_share(control, alpha=alpha),
                )
            )
    return tuple(found)


def _share(values: Sequence[float], *, alpha: float) -> Estimate:
    if not values:
        return Estimate(value=math.nan, low=math.nan, high=math.nan)
    total = math.fsum(values)
    interval = wilson(total, len(values), alpha=alpha)
    return Estimate(value=total / len(values), low=interval.low, high=interval.high)
