"""What a training run and a blend add to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.records import BlendCurve, Checkpoint, Diagnosis, Training
from forgetscope.report.blending import Blending, blending
from forgetscope.report.dumbbell import Dumbbell, dumbbell
from forgetscope.report.trade import TradeOff, trade_off
from forgetscope.report.weights import Weights, weights
from forgetscope.report.wording import Namer

__all__ = ["Trained", "trained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The sections that need a training run or a blend; `None` where there is nothing to tell."""

    trade: TradeOff | None
    weights: Weights | None
    dumbbell: Dumbbell | None
    blend: Blending | None


def trained(
    diagnosis: Diagnosis,
    *,
    training: Training | None,
    blend: BlendCurve | None,
    checkpoints: Sequence[Checkpoint],
    order: Sequence[str],
    name: Namer,
) -> Trained | None:
    """Return what is known of training and blending; `None` if nothing is.

    Parameters
    ----------
    diagnosis
        The series of the page.
    training, blend
        How it was made, where that is known.
    checkpoints
        Of the series.
    order
        Slugs of the domains as the page orders them.
    name
        How checkpoints are called.
    """
    found = Trained(
        trade=trade_off(diagnosis, training, checkpoints=checkpoints, name=name)
        if training
        else None,
        weights=weights(training) if training else None,
        dumbbell=dumbbell(diagnosis, training, order=order, name=name) if training else None,
        blend=blending(blend) if blend else None,
    )
    parts = (found.trade, found.weights, found.dumbbell, found.blend)
    return found if any(parts) else None
