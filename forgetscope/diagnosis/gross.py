"""What moved behind a net change: lost and gained, with guessing and sampling taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.estimates import estimate_of
from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import Row
from forgetscope.records import Estimate, Knowledge, Transitions
from forgetscope.statistics import corrected_transitions, retention, transitions

__all__ = ["gross", "knowledge", "retained_score"]


def gross(row: Row, *, alpha: float) -> Transitions | None:
    """Return the transitions of 0/1 scores; `None` for other scores.

    Every item counts the same here, whatever its weight in the mean.
    """
    pairs = row.pairs
    if not row.change.is_binary or pairs.n == 0:
        return None
    found = transitions(
        pairs.before_I,
        pairs.after_I,
        pairs.cluster_I,
        alpha=alpha,
        choice_before_I=pairs.before.evidence.choice_I,
        choice_after_I=pairs.after.evidence.choice_I,
    )
    return Transitions(
        lost=estimate_of(found.lost),
        gained=estimate_of(found.gained),
        churn=estimate_of(found.churn),
        lost_of_known=estimate_of(found.lost_of_known),
        lost_of_changed=estimate_of(found.lost_of_changed),
        wrong_to_other_wrong=estimate_of(found.wrong_to_other_wrong),
    )


def knowledge(row: Row, *, alpha: float) -> Knowledge | None:
    """Return lost and gained without guesses; `None` unless every item is multiple choice."""
    pairs = row.pairs
    options_I = pairs.before.evidence.n_options_I
    if not row.change.is_binary or pairs.n == 0 or bool((options_I < 2).any()):
        return None
    found = corrected_transitions(
        pairs.before_I,
        pairs.after_I,
        options_I,
        pairs.cluster_I,
        alpha=alpha,
        same_wrong_I=_same_wrong(pairs),
    )
    return Knowledge(
        lost=estimate_of(found.lost),
        gained=estimate_of(found.gained),
        lost_low=found.lost_low,
        lost_high=found.lost_high,
        gained_low=found.gained_low,
        gained_high=found.gained_high,
        copying=found.copying,
        known_before=estimate_of(found.known_before),
        known_after=estimate_of(found.known_after),
        retention=found.retention,
        published_lost=found.published_lost,
        published_gained=found.published_gained,
    )


def retained_score(row: Row, *, alpha: float) -> Estimate | None:
    """Return score after over score before; `None` where the base is too low for a ratio."""
    pairs = row.pairs
    if not pairs.is_bounded or not row.makes_claims or not row.is_mean:
        return None
    found = retention(
        pairs.before_I, pairs.after_I, pairs.cluster_I, alpha=alpha, weight_I=pairs.weight_I
    )
    if np.isnan(found.ratio):
        return None
    return Estimate(value=found.ratio, low=found.low, high=found.high)


def _same_wrong(pairs: Pairs) -> NDArray[np.float64]:
    """Return 1 where a wrong item chose the same option twice, 0 where another, nan else."""
    first_I, second_I = pairs.before.evidence.choice_I, pairs.after.evidence.choice_I
    known_I = (pairs.before_I == 0.0) & (pairs.after_I == 0.0) & (first_I >= 0) & (second_I >= 0)
    return np.where(known_I, (first_I == second_I).astype(np.float64), np.nan)
