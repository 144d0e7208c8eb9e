"""What came back when lost items were asked again: elicitation lost, or knowledge lost.

Items that come back support "elicitation lost", items that do not support "knowledge lost"
(arXiv:2501.13453). It is evidence, no proof: help can also lead to an answer that was never known,
or confuse a model that knows. So items wrong both times are asked alike, and what comes right among
them is what the help alone brings; and items right both times, of which as many stay right as
survive the help.
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
    retained: Collection[str] = (),
    alpha: float,
) -> tuple[Recovered, ...]:
    """Return what came back of the lost items of a cell, one record per kind that was asked.

    Parameters
    ----------
    results
        Of any items; those of no group below are left out.
    lost, unsolved, retained
        Ids of the items right before and wrong after, of those wrong both times, and of those
        right both times.
    alpha
        Error probability of each end of the intervals (Wilson).
    """
    groups = tuple(map(frozenset, (lost, unsolved, retained)))
    known = [result for result in results if math.isfinite(result.value)]
    found = []
    for kind in ProbeKind:
        of_kind = [result for result in known if result.kind is kind]
        asked, control, kept = (
            [result.value for result in of_kind if result.item_id in ids] for ids in groups
        )
        if asked:
            found.append(
                Recovered(
                    kind=kind.value,
                    n=len(asked),
                    came_back=_share(asked, alpha=alpha),
                    control=_share(control, alpha=alpha),
                    kept=_share(kept, alpha=alpha),
                )
            )
    return tuple(found)


def _share(values: Sequence[float], *, alpha: float) -> Estimate:
    if not values:
        return Estimate(value=math.nan, low=math.nan, high=math.nan)
    total = math.fsum(values)
    interval = wilson(total, len(values), alpha=alpha)
    return Estimate(value=total / len(values), low=interval.low, high=interval.high)
