"""Evidence that may be looked at after every item: e-values, bets on a bounded mean.

An e-value has a mean of at most 1 where the claim is false, at every moment at which one might
stop (Ville: the chance that it EVER reaches 1/alpha is at most alpha). So a run may end as soon as
the evidence is enough, without the false alarms of repeated looks at a p-value. Items must come in
random order. Everything is in natural logarithms: evidence grows exponentially.

I items in order of arrival, G clusters, D domains. Leading axes of the arrays are separate paths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaln

__all__ = [
    "Claim",
    "Wager",
    "anytime_p_value",
    "betting_log_e",
    "cluster_path",
    "decided",
    "loss_log_e",
    "loss_path",
]

Claim = Literal["held", "forgot"]

_TINY = 1e-290  # below, the tail of the beta distribution has lost its digits
_LEFT = 1e-17
_EXACT = 1e-9  # per item: what sums of shares may be off by


def loss_log_e(lost: ArrayLike, gained: ArrayLike) -> NDArray[np.float64]:
    """Return the log e-value of "more changed items are lost than gained", for 0/1 scores.

    E = 2^(l+g+1) B(l+1, g+1) (1 - I_1/2(l+1, g+1)) after l lost and g gained: the likelihood
    ratio against a fair coin, averaged over all coins in (1/2, 1]. Items that did not change leave
    it as it is. Changed items must be independent: of a cluster, only the sign of its sum counts.
    """
    loss_I, gain_I = np.asarray(lost, dtype=np.float64), np.asarray(gained, dtype=np.float64)
    if not ((loss_I >= 0.0).all() and (gain_I >= 0.0).all()):
        raise ValueError("counts of lost and gained items must not be negative")
    loss_I, gain_I = np.broadcast_arrays(loss_I, gain_I)
    tail_I = betaincc(loss_I + 1.0, gain_I + 1.0, 0.5)
    log_e_I = (loss_I + gain_I + 1.0) * math.log(2.0) + betaln(loss_I + 1.0, gain_I + 1.0)
    log_e_I = np.asarray(log_e_I + np.log(np.maximum(tail_I, _TINY)))
    far_I = tail_I < _TINY
    if far_I.any():
        log_e_I[far_I] = _far_log_e(loss_I[far_I], gain_I[far_I])
    return log_e_I


def _far_log_e(loss_I: NDArray[np.float64], gain_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the same where gains outweigh by far, as a quickly falling series.

    E = 1/(g+1) (1 + l/(g+2) + l(l-1)/((g+2)(g+3)) + ...), from the binomial form of the tail.
    """
    sum_I, term_I, k = np.ones_like(loss_I), np.ones_like(loss_I), 0
    while (term_I > _LEFT * sum_I).any():
        term_I = term_I * np.maximum(loss_I - k, 0.0) / (gain_I + 2.0 + k)
        sum_I = sum_I + term_I
        k += 1
    return np.asarray(np.log(sum_I) - np.log1p(gain_I))


def loss_path(difference_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log e-value of a loss after each item, from the signs of the differences."""
    is_changed_I = difference_I != 0.0
    lost_I = np.cumsum(difference_I < 0.0, axis=-1)[is_changed_I]
    gained_I = np.cumsum(difference_I > 0.0, axis=-1)[is_changed_I]
    log_e_I = np.zeros(difference_I.shape)
    log_e_I[is_changed_I] = loss_log_e(lost_I, gained_I)
    # items that did not change repeat the evidence of the last one that did
    latest_I = np.where(is_changed_I, np.arange(difference_I.shape[-1]), 0)
    return np.take_along_axis(log_e_I, np.maximum.accumulate(latest_I, axis=-1), axis=-1)


def anytime_p_value(log_e_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return min(1, 1 / max E so far): a p-value at every moment, and it never rises."""
    best_I = np.maximum.accumulate(np.maximum(log_e_I, 0.0), axis=-1)
    return np.asarray(np.exp(-best_I))


def decided(log_e_D: NDArray[np.float64], *, alpha: float) -> NDArray[np.bool_]:
    """Return which of several domains are proved, with at most `alpha` for one false proof.

    Each needs E >= D / alpha, however the domains depend on each other.
    """
    log_e_D = np.asarray(log_e_D)
    return np.asarray(log_e_D >= math.log(max(log_e_D.size, 1) / alpha))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wager:
    """A running bet on the mean of differences in [-1, 1]; `update` returns the next one.

    The stake of each item is set by the items before it, so that the money cannot grow by luck
    alone where the claim is false (Waudby-Smith and Ramdas, arXiv:2010.09686, the approximately
    Kelly stakes, cut off at a share of what could be lost).
    """

    margin: float
    """Largest loss that still counts as held, in [0, 1)."""
    claim: Claim
    """`held` bets on a mean above -margin, `forgot` on one below it."""
    population: int | None = None
    """Number of items of the whole benchmark: the claim is then about their mean alone, what the
    full run would show, and may become certain. `None` for what the model can do."""
    n: int = 0
    total: float = 0.0
    """Sum of the outcomes so far, each between 0 (against the claim) and 1 (for it)."""
    squares: float = 0.0
    """Sum of squares of the outcomes about the means of their time."""
    log_e: float = 0.0
    """Log of the money, from 0; infinite where the claim has become certain."""
    best_log_e: float = 0.0
    """Its highest value so far; a claim once proved stays proved."""
    boldness: float = 0.5
    """Largest share of the money that one item may cost, in (0, 1): the bolder, the earlier is
    proved what no item speaks against, and the later what some do."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.margin < 1.0:
            raise ValueError(f"the margin must be in [0, 1), not {self.margin}")
        if self.claim not in ("held", "forgot"):
            raise ValueError(f"the claim is `held` or `forgot`, not {self.claim!r}")
        if not 0.0 < self.boldness < 1.0:
            raise ValueError(f"the boldness must be in (0, 1), not {self.boldness}")

    @property
    def p_value(self) -> float:
        """Of the claim being false, valid whenever one stops."""
        return math.exp(-self.best_log_e)

    @property
    def null_mean(self) -> float:
        """Highest mean outcome at which the claim is false."""
        return (1.0 - self.margin if self.claim == "held" else 1.0 + self.margin) / 2.0

    def path(self, difference_I: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log e-value after each of the coming differences."""
        return self._advance(difference_I)[2]

    def update(self, difference_I: NDArray[np.float64]) -> Wager:
        """Return the wager after these differences, as if all had come at once."""
        difference_I = np.asarray(difference_I, dtype=np.float64)
        if difference_I.ndim != 1:
            raise ValueError(f"a wager follows one path, not an array of {difference_I.shape}")
        if difference_I.size == 0:
            return self
        sum_I, square_I, log_e_I = self._advance(difference_I)
        return replace(
            self,
            n=self.n + len(difference_I),
            total=float(sum_I[-1]),
            squares=float(square_I[-1]),
            log_e=float(log_e_I[-1]),
            best_log_e=max(self.best_log_e, float(log_e_I.max())),
        )

    def _advance(
        self, difference_I: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return, after each item, the sum, the sum of squares and the log e-value."""
        outcome_I = self._outcome(difference_I)
        seen_I = self.n + np.arange(1, outcome_I.shape[-1] + 1)
        sum_I = _running(self.total, outcome_I)
        mean_I = (0.5 + sum_I) / (1.0 + seen_I)
        square_I = _running(self.squares, np.square(outcome_I - mean_I))
        before_I = seen_I - 1
        earlier_I = _shifted(self.total, sum_I)
        mu_I = (0.5 + earlier_I) / (1.0 + before_I)
        variance_I = (0.25 + _shifted(self.squares, square_I)) / (1.0 + before_I)
        null_I = self._null(earlier_I, before_I)
        edge_I = mu_I - null_I
        # a null outside (0, 1) is already known to be false or true: nothing is left to bet on
        open_I = (null_I > 0.0) & (null_I < 1.0)
        cap_I = self.boldness / np.where(open_I, null_I, 1.0)
        stake_I = np.clip(edge_I / (variance_I + np.square(edge_I)), 0.0, cap_I) * open_I
        log_e_I = _running(self.log_e, np.log1p(stake_I * (outcome_I - null_I)))
        return sum_I, square_I, self._with_certainty(log_e_I, sum_I)

    def _outcome(self, difference_I: NDArray[np.float64]) -> NDArray[np.float64]:
        difference_I = np.asarray(difference_I, dtype=np.float64)
        if not (np.abs(difference_I) <= 1.0).all():
            raise ValueError("differences must lie in [-1, 1]")
        count = self.n + difference_I.shape[-1]
        if self.population is not None and count > self.population:
            raise ValueError(f"{count} items of a benchmark of {self.population}")
        return (1.0 + difference_I if self.claim == "held" else 1.0 - difference_I) / 2.0

    def _null(
        self, earlier_I: NDArray[np.float64], before_I: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return the highest mean of the outcomes still to come at which the claim is false."""
        if self.population is None:
            return np.full_like(earlier_I, self.null_mean)
        left_I = self.population - before_I
        return (self.population * self.null_mean - earlier_I) / left_I

    def _with_certainty(
        self, log_e_I: NDArray[np.float64], sum_I: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Put infinity where even the worst outcomes still to come cannot make the claim false."""
        if self.population is None:
            return log_e_I
        needed = self.population * (self.null_mean + _EXACT)
        return np.where(sum_I > needed, math.inf, log_e_I)


def _running(start: float, step_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the running sums from `start`, added up one by one as in a single long path."""
    first = np.full((*step_I.shape[:-1], 1), start)
    return np.cumsum(np.concatenate([first, step_I], axis=-1), axis=-1)[..., 1:]


def _shifted(start: float, value_I: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each value was one item earlier."""
    first = np.full((*value_I.shape[:-1], 1), start)
    return np.concatenate([first, value_I[..., :-1]], axis=-1)


def betting_log_e(
    difference_I: NDArray[np.float64],
    *,
    margin: float,
    claim: Claim = "held",
    population: int | None = None,
) -> NDArray[np.float64]:
    """Return, after each item, the log e-value of the claim about the mean difference.

    Parameters
    ----------
    difference_I
        After minus before, in [-1, 1], independent, in random order.
    margin
        Largest loss that still counts as held, in [0, 1).
    claim
        `held`: the mean is above -margin (with margin 0: improved). `forgot`: it is below.
    population
        Size of the whole benchmark, for what the full run would show (curtailment).

    Raises
    ------
    ValueError
        If a difference or the margin is out of range, or there are more items than `population`.
    """
    return Wager(margin=margin, claim=claim, population=population).path(difference_I)


def cluster_path(
    difference_I: NDArray[np.float64],
    cluster_I: NDArray[np.intp],
    *,
    margin: float,
    largest: int | None = None,
) -> NDArray[np.float64]:
    """Return one difference per cluster, in order of first appearance, to bet on with `margin`.

    -margin + sum over the cluster of (difference + margin), over the size of the largest: the mean
    of a cluster as large as that, and the nearer to -margin the smaller the cluster. Sums alone
    would pull small clusters towards 0, to the far side of -margin, and so prove HELD falsely (of
    clusters of 1 and 8 items in every second run, by simulation).

    Parameters
    ----------
    cluster_I
        Cluster of each item, any whole numbers.
    largest
        Size of the largest cluster of the whole benchmark, so that a part of it gives a part of
        the path; by default the largest one here.
    """
    _, first_U, place_I, size_U = np.unique(
        cluster_I, return_index=True, return_inverse=True, return_counts=True
    )
    widest = int(size_U.max(initial=1)) if largest is None else largest
    if size_U.max(initial=0) > widest:
        raise ValueError(f"a cluster has {size_U.max()} items, more than the largest of {widest}")
    excess_U = np.bincount(place_I, weights=difference_I + margin, minlength=len(size_U))
    difference_G = -margin + excess_U[np.argsort(first_U)] / widest
    return np.asarray(np.clip(difference_G, -1.0, 1.0))  # rounding alone can step outside
