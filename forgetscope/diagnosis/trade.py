"""What a series gained on its target, and what that cost elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forgetscope.records import (
    UNBOUNDED_METRICS,
    BlendCell,
    Cell,
    Checkpoint,
    Comparison,
    Diagnosis,
    Rival,
    Role,
    TradePoint,
)

__all__ = ["rival_of", "target_of", "trade_points"]


def target_of(diagnosis: Diagnosis) -> str | None:
    """Return the domain whose gain is told: the first target in shares, or `None`.

    A base that cannot do the target at all can show no loss there, but every gain; so whatever
    has a change counts, verdict or not.
    """
    for comparison in reversed(diagnosis.comparisons):
        for cell in comparison.domains:
            if cell.role is Role.TARGET and _is_share(cell):
                return cell.name
    return None


def trade_points(
    diagnosis: Diagnosis, checkpoints: Sequence[Checkpoint] = ()
) -> tuple[TradePoint, ...]:
    """Return gain and cost of every checkpoint after the base, in the order of the series.

    Parameters
    ----------
    diagnosis
        The series against its base.
    checkpoints
        Those of the series, which know their step; others have none.
    """
    steps = {checkpoint.label: checkpoint.step for checkpoint in checkpoints}
    target = target_of(diagnosis)
    return tuple(
        _point(comparison, target=target, step=steps.get(comparison.after))
        for comparison in diagnosis.comparisons
    )


def rival_of(diagnosis: Diagnosis, *, method: str, checkpoints: Sequence[Checkpoint] = ()) -> Rival:
    """Return a series as the rival of another one from the same base, on the same items.

    Parameters
    ----------
    diagnosis, checkpoints
        As in `trade_points`.
    method
        The recipe that made it.
    """
    last = diagnosis.comparisons[-1].domains if diagnosis.comparisons else ()
    return Rival(
        method=method,
        points=trade_points(diagnosis, checkpoints),
        cells=tuple(_short(cell) for cell in last if _is_share(cell)),
    )


def _point(comparison: Comparison, *, target: str | None, step: int | None) -> TradePoint:
    targets = [cell for cell in comparison.domains if cell.name == target and _is_share(cell)]
    gain, gain_low, gain_high = _ends(targets[0]) if targets else (math.nan,) * 3
    general, general_low, general_high = _ends(comparison.overall)
    return TradePoint(
        label=comparison.after,
        step=step,
        gain=gain,
        gain_low=gain_low,
        gain_high=gain_high,
        general=general,
        general_low=general_low,
        general_high=general_high,
    )


def _ends(cell: Cell) -> tuple[float, float, float]:
    if cell.metric in UNBOUNDED_METRICS:
        return (math.nan,) * 3
    return cell.change, cell.low, cell.high


def _is_share(cell: Cell) -> bool:
    return cell.metric not in UNBOUNDED_METRICS and not math.isnan(cell.change)


def _short(cell: Cell) -> BlendCell:
    return BlendCell(
        domain=cell.name,
        role=cell.role,
        n=cell.n,
        change=cell.change,
        low=cell.low,
        high=cell.high,
        verdict=cell.verdict,
    )
