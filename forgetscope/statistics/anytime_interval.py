"""Intervals that hold however often one looks: what bets on every possible mean leave open.

The ends are those means against which no bet has ever grown to 1/alpha: a confidence sequence by
inversion (Waudby-Smith and Ramdas, arXiv:2010.09686, section 4). One pair of ends carries every
claim about the mean at once, each kind of them with at most alpha for a false one, ever.

I items in order of arrival, G clusters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.statistics.anytime import Wager, cluster_path
from forgetscope.statistics.interval import Interval

__all__ = ["AnytimeChange", "above_log_e", "anytime_change"]

METHOD = "anytime bets"

_BOLDNESS = (0.5, 0.95)
"""The money is divided between a cautious and a bold bettor: what no item speaks against is proved
with far fewer items, other things with about as many as by the cautious one alone."""

_PAST = 1e-9
"""How far beyond a margin the mean tried for it lies, so that an end there is proved beyond it."""


def _means() -> list[float]:
    """Return the means that are tried: tenths of a point about 0, coarser steps far from it."""
    fine = [step / 1000 for step in range(-50, 51)]
    middle = [step / 200 for step in range(-40, 41)]
    coarse = [step / 20 for step in range(-19, 20)]
    return sorted({*fine, *middle, *coarse})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnytimeChange:
    """What bets on the mean difference have proved up to here."""

    above: tuple[tuple[float, float], ...]
    """Pairs of a mean and the best log e-value of "the true one is above", upwards as far as they
    were tried."""
    below: tuple[tuple[float, float], ...]
    """The same of "the true one is below", downwards."""
    p_value: float
    """Two-sided, of no change."""

    def interval(self, alpha: float) -> Interval:
        """Return two ends, each false at any moment with a chance of at most alpha."""
        needed = math.log(1.0 / alpha)
        return Interval(
            low=_end(self.above, needed, start=-1.0),
            high=_end(self.below, needed, start=1.0),
            alpha=alpha,
            method=METHOD,
        )


def anytime_change(
    difference_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    margins: Sequence[float] = (),
    largest: int | None = None,
    alpha: float = 0.05,
) -> AnytimeChange:
    """Bet on the mean of differences that came in random order, cluster by cluster.

    Parameters
    ----------
    difference_I
        After minus before, in [-1, 1], in order of arrival.
    cluster_I
        Cluster of each item; clusters come whole.
    margins
        Losses that are tried exactly, beside tenths of a point and 0.
    largest
        Size of the largest cluster of the whole benchmark; default: of these items.
    alpha
        Weakest level that will be asked for: means beyond are not tried.
    """
    needed = math.log(1.0 / alpha)
    ends = (0.0, *(-margin for margin in margins))
    bets = _Bets(difference_I, cluster_I, largest=largest)
    against = _Bets(-difference_I, cluster_I, largest=largest)
    best = max(bets.above(0.0), against.above(0.0))
    below = _tried(against, [-end for end in ends], needed)
    return AnytimeChange(
        above=tuple(_tried(bets, ends, needed)),
        below=tuple((-mean, log_e) for mean, log_e in below),
        p_value=min(1.0, 2.0 * math.exp(-best)),
    )


def above_log_e(path_G: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Return, after each difference, the log e-value of their true mean being above this one.

    Leading axes are separate paths.
    """
    found = [_log_e(path_G, mean, boldness) for boldness in _BOLDNESS]
    return np.asarray(np.logaddexp.reduce(found, axis=0) - math.log(len(found)))


def _log_e(path_G: NDArray[np.float64], mean: float, boldness: float) -> NDArray[np.float64]:
    # "above m" is "held" at a margin of -m; for a gain, "below -m" of what is turned round
    if mean <= 0.0:
        return Wager(margin=-mean, claim="held", boldness=boldness).path(path_G)
    return Wager(margin=mean, claim="forgot", boldness=boldness).path(-path_G)


class _Bets:
    """Bets on "the mean is above" for one path of differences."""

    def __init__(
        self, difference_I: NDArray[np.float64], cluster_I: NDArray[np.intp], *, largest: int | None
    ) -> None:
        self._difference_I = difference_I
        self._cluster_I = cluster_I
        widest = int(np.bincount(cluster_I).max(initial=1))
        self._largest = widest if largest is None else max(largest, widest)

    def above(self, mean: float) -> float:
        """Return the best log e-value so far of the true mean being above this one."""
        path_G = self._difference_I
        if self._largest > 1:
            path_G = cluster_path(path_G, self._cluster_I, margin=-mean, largest=self._largest)
        return max(0.0, float(above_log_e(path_G, mean).max(initial=0.0)))


def _tried(bets: _Bets, ends: Sequence[float], needed: float) -> Iterator[tuple[float, float]]:
    """Yield mean and evidence upwards, up to the first mean that is left open."""
    for mean in sorted({*_means(), *(end + _PAST for end in ends)}):
        log_e = bets.above(mean)
        yield mean, log_e
        if log_e < needed:
            return


def _end(tried: Sequence[tuple[float, float]], needed: float, *, start: float) -> float:
    """Return the last mean before the first one that is left open."""
    end = start
    for mean, log_e in tried:
        if log_e < needed:
            break
        end = mean
    return end
