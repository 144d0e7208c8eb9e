"""pass@k of both sides: what more tries would solve, beside how often one try does.

I items, K samples before and L after.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.row import change_of
from forgetscope.records import Estimate, PassAtK
from forgetscope.statistics import pass_at_k, pass_sizes

__all__ = ["passes"]


def passes(
    pairs: Pairs,
    before_IK: NDArray[np.float64],
    after_IL: NDArray[np.float64],
    *,
    alpha: float,
    seed: int,
) -> Iterator[PassAtK]:
    """Yield pass@k by rising k, as far as every item has that many samples on both sides.

    The change is that of the score in every respect: paired by item, clustered, and weighted as the
    items of the row are.

    Parameters
    ----------
    pairs
        What was paired.
    before_IK, after_IL
        Scores of the samples, higher is better, padded with nan; nothing is yielded where some are
        neither 0 nor 1.
    alpha
        Error probability of each end of an interval.
    seed
        Of the draws behind the interval.
    """
    if not (_is_binary(before_IK) and _is_binary(after_IL)):
        return
    counts = [int(np.isfinite(side).sum(axis=1).min()) for side in (before_IK, after_IL)]
    for k in pass_sizes(min(counts)):
        first_I, second_I = pass_at_k(before_IK, k=k), pass_at_k(after_IL, k=k)
        change = change_of(replace(pairs, before_I=first_I, after_I=second_I), seed=seed)
        interval = change.interval(alpha)
        yield PassAtK(
            k=k,
            before=float(np.average(first_I, weights=pairs.weight_I)),
            after=float(np.average(second_I, weights=pairs.weight_I)),
            change=Estimate(
                value=change.change, low=interval.low, high=interval.high, p_value=change.p_value
            ),
        )


def _is_binary(sample_IK: NDArray[np.float64]) -> bool:
    known_I = sample_IK[np.isfinite(sample_IK)]
    return bool(np.isin(known_I, (0.0, 1.0)).all())
