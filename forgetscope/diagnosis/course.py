"""The way of each domain through a series: from which peak it fell, since when, and whether back.

Checkpoint 0 is the base; C comparisons with it make T = C + 1 checkpoints. Every statement here
picks its checkpoint after looking, so each is made at the level of all that could be picked, over
all domains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from forgetscope.diagnosis.estimates import UNDEFINED, estimate_of
from forgetscope.diagnosis.family import DRAWS, block_of
from forgetscope.diagnosis.row import Row, change_of
from forgetscope.records import Cell, Course, Estimate, Policy
from forgetscope.statistics import (
    Measured,
    Residuals,
    advised_margin,
    each_alpha,
    joint_covariance,
    joint_quantile,
    onset,
    recovery,
    run_level,
    sign_flip_test,
    step_noise,
    trend,
    worst_drop,
)

__all__ = ["courses"]

_STRETCH = 5
"""Checkpoints at the end of a series, at least, that tell how much one step moves."""
_LAST = 3
"""Checkpoints at the end of a series that are averaged for a claim about the run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """One domain at all checkpoints, over the items that all of them answered."""

    rows: tuple[Row, ...]
    """A comparison with the base for each later checkpoint."""
    residuals: Residuals

    @property
    def mean_T(self) -> NDArray[np.float64]:
        """Changes from the base, that of the base itself included."""
        return np.array([0.0, *(row.change.change for row in self.rows)])

    @property
    def score_TI(self) -> NDArray[np.float64]:
        """Scores whose plain mean over the items is that of the domain, weights and all."""
        pairs = self.rows[0].pairs
        score_TI = np.stack([pairs.before_I, *(row.pairs.after_I for row in self.rows)])
        if pairs.weight_I is None:
            return score_TI
        weighted_TI: NDArray[np.float64] = score_TI * (pairs.weight_I / pairs.weight_I.mean())
        return weighted_TI

    @property
    def cluster_I(self) -> NDArray[np.intp]:
        """Cluster of each item."""
        return self.rows[0].pairs.cluster_I


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What all domains share."""

    labels_T: tuple[str, ...]
    step_T: NDArray[np.float64]
    drops: float
    """Level of each claim about a fall to the last checkpoint."""
    rises: float
    """Level of each claim about a rise from an earlier checkpoint."""
    policy: Policy


def courses(
    rows_C: Sequence[Sequence[Row]],
    cells_C: Sequence[Sequence[Cell]],
    *,
    labels_T: Sequence[str],
    step_T: NDArray[np.float64],
    policy: Policy,
) -> tuple[Course, ...]:
    """Return the course of every domain that all comparisons measured.

    Parameters
    ----------
    rows_C, cells_C
        Domains of each comparison with the base.
    labels_T, step_T
        Names and training steps (nan where unknown) of the checkpoints, the base first.
    policy
        Alpha, margins and the seed of the draws.
    """
    if len(labels_T) < 3:
        return ()
    by_name: dict[str, list[Row]] = {}
    for row in (row for rows in rows_C for row in rows):
        by_name.setdefault(row.name, []).append(row)
    numbers: dict[str, int] = {}
    measured = [
        _over_common_items(rows, seed=policy.seed)
        for rows in by_name.values()
        if len(rows) == len(rows_C)
        and all(row.makes_claims and row.is_mean and not row.was_stopped for row in rows)
    ]
    ways = [_way(rows, numbers) for rows in measured if rows[0].makes_claims]
    if not ways:
        return ()
    covariance_MM = joint_covariance([way.residuals for way in ways])
    last, n = len(labels_T) - 1, len(labels_T)
    falls = [(early, last) for early in range(last)]
    climbs = [(late, early) for late in range(n) for early in range(late)]
    series = _Series(
        labels_T=tuple(labels_T),
        step_T=step_T,
        drops=_level(covariance_MM, falls, n, policy),
        rises=_level(covariance_MM, climbs, n, policy),
        policy=policy,
    )
    cells = {(cell.name, place): cell for place, row in enumerate(cells_C) for cell in row}
    return tuple(
        _course(
            way,
            covariance_MM[k * n : (k + 1) * n, k * n : (k + 1) * n],
            [cells[way.rows[0].name, place] for place in range(last)],
            series,
        )
        for k, way in enumerate(ways)
    )


def _over_common_items(rows: Sequence[Row], *, seed: int) -> tuple[Row, ...]:
    """Return the same rows, restricted to the items that all of them hold."""
    ids = rows[0].pairs.item_ids
    if all(row.pairs.item_ids == ids for row in rows):
        return tuple(rows)
    common = set(ids).intersection(*(row.pairs.item_ids for row in rows[1:]))
    restricted = []
    for row in rows:
        keep_I = np.array([item_id in common for item_id in row.pairs.item_ids], dtype=bool)
        pairs = row.pairs.at(np.flatnonzero(keep_I))
        restricted.append(replace(row, pairs=pairs, change=change_of(pairs, seed=seed)))
    return tuple(restricted)


def _way(rows: tuple[Row, ...], numbers: dict[str, int]) -> _Way:
    """Return a domain with the residuals of all checkpoints; the base differs by nothing."""
    found = block_of(rows, numbers)
    n_clusters = len(found.cluster_G)
    residual_GT = np.concatenate([np.zeros((n_clusters, 1)), found.residual_GM], axis=1)
    return _Way(rows=rows, residuals=Residuals(cluster_G=found.cluster_G, residual_GM=residual_GT))


def _level(
    covariance_MM: NDArray[np.float64], pairs: Sequence[tuple[int, int]], n: int, policy: Policy
) -> float:
    """Return the level of each difference of two checkpoints, over all such in all domains."""
    first = np.arange(0, len(covariance_MM), n)[:, None]
    plus, minus = np.array(pairs).T
    quantile = joint_quantile(
        covariance_MM,
        alpha=policy.alpha,
        seed=policy.seed,
        plus_K=(first + plus).ravel(),
        minus_K=(first + minus).ravel(),
        draws=DRAWS,
    )
    return policy.alpha if math.isnan(quantile) else each_alpha(quantile)


def _course(
    way: _Way, covariance_TT: NDArray[np.float64], cells: Sequence[Cell], series: _Series
) -> Course:
    """Put together the course of one domain; `cells` are its comparisons with the base."""
    labels_T = series.labels_T
    drop = worst_drop(way.mean_T, covariance_TT, quantile=_student(way, series.drops))
    back = recovery(way.mean_T, covariance_TT, quantile=_student(way, series.rises))
    # few changed items are no matter for a normal distribution: then the exact test must agree too
    if back is not None and not _is_proved(way, back.place, back.trough, series.rises):
        back = None
    is_proved = _is_proved(way, drop.place, len(labels_T) - 1, series.drops)
    first_lost = onset(np.array([cell.high for cell in cells]))
    sigma = _step_noise(way.mean_T, covariance_TT)
    return Course(
        domain=way.rows[0].name,
        worst=labels_T[drop.place],
        worst_drop=Estimate(
            value=drop.drop,
            low=drop.low if is_proved else min(drop.low, 0.0),
            high=math.nan,
        ),
        naive_drop=drop.naive,
        onset=None if first_lost is None else labels_T[first_lost + 1],
        trough=None if back is None else labels_T[back.trough],
        recovery=None if back is None else labels_T[back.place],
        is_full_recovery=back is not None and cells[back.place - 1].low > -way.rows[0].margin,
        trend=_trend(way, series),
        step_noise=sigma,
        advised_margin=advised_margin(sigma),
        run_level=_run_level(way, sigma, series.policy.alpha),
    )


def _student(way: _Way, level: float) -> float:
    return -float(stdtrit(way.rows[0].change.n_clusters - 1, level))


def _is_proved(way: _Way, higher: int, lower: int, level: float) -> bool:
    """Whether the exact test says that one checkpoint is above another."""
    score_TI = way.score_TI
    rise_I = score_TI[higher] - score_TI[lower]
    sum_G = np.bincount(way.cluster_I, weights=rise_I).astype(np.float64)
    return sign_flip_test(sum_G, seed=0).p_gain <= level


def _trend(way: _Way, series: _Series) -> Estimate:
    found = trend(way.score_TI, series.step_T, way.cluster_I)
    if found is None:
        return UNDEFINED
    slope = Measured.of_mean(found, alpha=series.policy.alpha)
    test = sign_flip_test(found.sum_G, seed=series.policy.seed)
    return replace(estimate_of(slope), p_value=test.p_value)


def _step_noise(mean_T: NDArray[np.float64], covariance_TT: NDArray[np.float64]) -> float:
    """Return the noise between neighbours at the end of the series, where it is steadiest."""
    n_after = len(mean_T) - 1
    if n_after < _STRETCH:
        return math.nan
    end = slice(len(mean_T) - max(_STRETCH, math.ceil(n_after / 2)), None)
    mean_W, covariance_WW = mean_T[end], covariance_TT[end, end]
    variance_W = np.diag(covariance_WW)
    neighbours = variance_W[1:] + variance_W[:-1] - 2.0 * np.diag(covariance_WW, k=1)
    return step_noise(mean_W, np.sqrt(np.maximum(neighbours, 0.0)))


def _run_level(way: _Way, sigma: float, alpha: float) -> Estimate:
    score_TI = way.score_TI
    n_last = min(_LAST, len(score_TI) - 1)
    found = run_level(score_TI[-n_last:], score_TI[0], way.cluster_I, sigma=sigma, alpha=alpha)
    return Estimate(value=found.change, low=found.interval.low, high=found.interval.high)
