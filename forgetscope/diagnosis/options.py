"""How likely a model finds each option of a multiple-choice item. N options."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Answer, Item

__all__ = ["option_marks", "option_shares", "softmax"]


def option_marks(metric: str, item: Item, given: Sequence[Answer]) -> NDArray[np.float64]:
    """Return the log-probability of each option, normalised as the metric does.

    `acc_norm` divides by the characters and `acc_bytes` by the bytes of the option;
    `acc_mutual_info` subtracts what the option has without its prompt, which is asked behind all
    options.
    """
    n_options = len(item.choices)
    logprob_N = np.array([math.nan if a.logprob is None else a.logprob for a in given])
    if metric == "acc_mutual_info" and len(given) == 2 * n_options:
        information_N: NDArray[np.float64] = logprob_N[:n_options] - logprob_N[n_options:]
        return information_N
    lengths = {
        "acc_norm": [len(choice) for choice in item.choices],
        "acc_bytes": [len(choice.encode()) for choice in item.choices],
    }.get(metric, [1] * n_options)
    marks_N: NDArray[np.float64] = logprob_N[:n_options] / np.maximum(lengths, 1)
    return marks_N


def option_shares(metric: str, item: Item, given: Sequence[Answer]) -> tuple[float, ...]:
    """Return the probability of each option among the options; empty where it is not known.

    Parameters
    ----------
    metric
        Of the task; it says how the log-probabilities are normalised.
    item, given
        An item and the answers to all its requests, in order.
    """
    if not item.choices or len(given) < len(item.choices):
        return ()
    share_N = softmax(option_marks(metric, item, given))
    return tuple(share_N.tolist()) if np.isfinite(share_N).all() else ()


def softmax(mark_N: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax; nan where no option has any probability."""
    top = mark_N.max()
    if not np.isfinite(top):
        return np.full(len(mark_N), np.nan)
    weight_N = np.exp(mark_N - top)
    shares: NDArray[np.float64] = weight_N / weight_N.sum()
    return shares
