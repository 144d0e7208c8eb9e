"""The rules that turn an interval into a word."""

from __future__ import annotations

import math

import numpy as np

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import Row
from forgetscope.records import Verdict
from forgetscope.statistics import Interval, clustered_mean, wilson

__all__ = ["decide", "why_base_says_nothing"]


def decide(interval: Interval, *, margin: float) -> Verdict:
    """Return the first verdict whose rule matches; equality at a bound counts against the claim.

    FORGOT: high < -margin. GAINED: low > 0. HELD: low > -margin. SLIPPED: high < 0. UNDECIDED: the
    rest. An interval that does not exist is CANNOT MEASURE.
    """
    if math.isnan(interval.low) or math.isnan(interval.high):
        return Verdict.CANNOT_MEASURE
    if interval.high < -margin:
        return Verdict.FORGOT
    if interval.low > 0.0:
        return Verdict.GAINED
    if interval.low > -margin:
        return Verdict.HELD
    if interval.high < 0.0:
        return Verdict.SLIPPED
    return Verdict.UNDECIDED


def why_base_says_nothing(row: Row, *, alpha: float) -> str:
    """Return why a loss could not show on these items: the base is at chance or at the floor.

    At chance: Wilson's lower bound of the base's mean score does not exceed the mean score of a
    guesser over the same items. That is a score test: with guess rates c_i the mean of n guesses
    varies by at most c (1 - c) / n, c their mean, so unequal numbers of options only make it
    stricter. Items where guessing has no meaning count with 0. At the floor: Wilson's upper bound
    is below the margin, so even losing everything would not be a loss beyond it. Counts are
    divided by the design effect of the base's own scores; weights make it larger.
    """
    pairs = row.pairs
    if not pairs.is_bounded or pairs.n == 0 or not row.is_mean:
        return ""
    # deviations from the item's own guess rate: mixing tasks of different rates is no clustering
    guess_I = np.nan_to_num(pairs.chance_I, nan=0.0)
    own = clustered_mean(pairs.before_I - guess_I, pairs.cluster_I, weight_I=pairs.weight_I)
    effect = own.design_effect * _price_of_weights(pairs)
    if math.isnan(effect):
        return ""
    n = pairs.n / effect
    score = float(np.average(pairs.before_I, weights=pairs.weight_I))
    base = wilson(min(score * n, n), n, alpha=alpha)
    guess = float(np.average(guess_I, weights=pairs.weight_I))
    if guess > 0.0 and base.low <= guess:
        return (
            f"base at chance: it scores {100 * score:.1f} % where a guesser "
            f"scores {100 * guess:.1f} %"
        )
    if base.high < row.margin:
        return f"base at the floor: it scores {100 * score:.1f} %"
    return ""


def _price_of_weights(pairs: Pairs) -> float:
    """Return how many times fewer items unequal weights leave (Kish), at least 1."""
    if pairs.weight_I is None:
        return 1.0
    return pairs.n * float(np.square(pairs.weight_I).sum()) / float(pairs.weight_I.sum()) ** 2
