"""What changes by itself: reruns of the base, samples of an answer, tasks that differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.estimates import UNDEFINED, estimate_of
from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.passes import passes
from forgetscope.diagnosis.row import Row
from forgetscope.diagnosis.score import Criterion
from forgetscope.diagnosis.side import Side
from forgetscope.records import Churn, Estimate, Heterogeneity, NoiseFloors, Repeats
from forgetscope.statistics import (
    churn_test,
    excess_churn,
    heterogeneity,
    holm,
    net_change,
    renumbered,
    repeated_transitions,
)

__all__ = ["churn", "noise_floors", "repeats", "rerun_floor", "unlike_tasks"]


def repeats(pairs: Pairs, *, alpha: float, seed: int) -> Repeats | None:
    """Return what several samples tell; `None` where no answer is drawn at random or all once."""
    if not pairs.is_bounded or pairs.n == 0 or not all(task.is_sampled for task in pairs.tasks):
        return None
    before_IK, after_IL = _samples(pairs, pairs.before), _samples(pairs, pairs.after)
    if max(_most(before_IK), _most(after_IL)) < 2 or not _all_sampled(before_IK, after_IL):
        return None
    found = repeated_transitions(before_IK, after_IL, pairs.cluster_I, alpha=alpha)
    return Repeats(
        samples_before=found.samples_before,
        samples_after=found.samples_after,
        lost=estimate_of(found.lost),
        gained=estimate_of(found.gained),
        self_flip=found.self_flip,
        beyond_sampling_p=churn_test(before_IK, after_IL, seed=seed).p_value,
        within_share=found.within_share,
        passes=tuple(passes(pairs, before_IK, after_IL, alpha=alpha, seed=seed)),
    )


def noise_floors(row: Row, *, alpha: float, seed: int) -> NoiseFloors:
    """Return the noise of items and of reruns; that between checkpoints is not known yet."""
    rerun, excess = math.nan, UNDEFINED
    asked = _asked_again(row.pairs)
    # a score without bounds has no sides: any rounding would change it, and a test of that
    # would hang on the last digit
    if asked is not None and row.pairs.is_bounded:
        found = excess_churn(
            asked.before_i, asked.rerun_i, asked.after_i, asked.cluster_i, alpha=alpha, seed=seed
        )
        rerun = found.rerun
        excess = Estimate(
            value=found.excess.value,
            low=found.excess.low,
            high=found.excess.high,
            p_value=found.p_value,
        )
    return NoiseFloors(
        item=row.change.estimate.standard_error,
        rerun=rerun,
        rerun_n=0 if asked is None else len(asked.before_i),
        rerun_nats=math.nan if asked is None else _largest(asked.nats_i),
        excess=excess,
        step=math.nan,
    )


def _largest(value_i: NDArray[np.float64]) -> float:
    known_i = value_i[np.isfinite(value_i)]
    return float(known_i.max()) if len(known_i) else math.nan


def rerun_floor(pairs: Pairs) -> float:
    """Return twice the standard deviation of the change that a rerun of the base shows.

    If a rerun turns a share f of n items at random, its score moves by sqrt(f / n).
    """
    asked = _asked_again(pairs)
    if asked is None or len(asked.before_i) == 0:
        return math.nan
    difference_i = asked.rerun_i - asked.before_i
    return 2.0 * math.sqrt(float(np.square(difference_i).mean()) / len(difference_i))


def churn(found: Repeats | None, floors: NoiseFloors, unlike: Heterogeneity | None) -> Churn | None:
    """Return the tests of "same average, different items"; `None` where none was possible."""
    excess = floors.excess.p_value if found is None else found.beyond_sampling_p
    other = math.nan if unlike is None else unlike.p_value
    if math.isnan(excess) and math.isnan(other):
        return None
    return Churn(excess_p=excess, heterogeneity_p=other)


def unlike_tasks(row: Row, *, criterion: Criterion) -> Heterogeneity | None:
    """Test whether the tasks of a domain changed alike; `None` for fewer than two.

    Tasks with a loss of their own are named where the one-sided sign-flip test proves it, at the
    criterion's alpha over the tasks of the domain (Holm).
    """
    pairs = row.pairs
    if len(pairs.tasks) < 2 or not pairs.is_bounded or not row.makes_claims:
        return None
    changes = []
    for place in range(len(pairs.tasks)):
        here_I = pairs.task_I == place
        cluster_i = renumbered(pairs.cluster_I[here_I])
        changes.append(
            net_change(
                pairs.before_I[here_I], pairs.after_I[here_I], cluster_i, seed=criterion.seed
            )
        )
    found = heterogeneity(
        np.array([change.change for change in changes]),
        np.array([change.estimate.standard_error for change in changes]),
    )
    p_loss_J = holm(np.array([change.test.p_loss for change in changes]))
    return Heterogeneity(
        q=found.q,
        degrees=found.degrees,
        p_value=found.p_value,
        lost=tuple(
            task.name
            for task, p_value in zip(pairs.tasks, p_loss_J.tolist(), strict=True)
            if p_value <= criterion.alpha
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _AskedAgain:
    """Items whose answers are not drawn at random and that the base answered twice."""

    before_i: NDArray[np.float64]
    rerun_i: NDArray[np.float64]
    after_i: NDArray[np.float64]
    cluster_i: NDArray[np.intp]
    nats_i: NDArray[np.float64]
    """As in `Evidence`."""


def _asked_again(pairs: Pairs) -> _AskedAgain | None:
    before = pairs.before
    sample_IK = _samples(pairs, before)
    if sample_IK.shape[1] < 2 or pairs.n == 0:
        return None
    is_drawn_I = np.array([task.is_sampled for task in pairs.tasks])[pairs.task_I]
    again_I = np.isfinite(sample_IK[:, 1]) & ~is_drawn_I
    if not again_I.any():
        return None
    cluster_i = renumbered(pairs.cluster_I[again_I])
    return _AskedAgain(
        before_i=pairs.before_I[again_I],
        rerun_i=sample_IK[again_I, 1],
        after_i=pairs.after_I[again_I],
        cluster_i=cluster_i,
        nats_i=before.evidence.rerun_nats_I[again_I],
    )


def _samples(pairs: Pairs, side: Side) -> NDArray[np.float64]:
    """Return the score of each sample, turned so that higher is better."""
    sample_IK = side.evidence.sample_IK
    turned_I = np.array([not task.higher_is_better for task in pairs.tasks])[pairs.task_I]
    whole = 1.0 if pairs.is_bounded else 0.0
    return np.where(turned_I[:, None], whole - sample_IK, sample_IK)


def _most(sample_IK: NDArray[np.float64]) -> int:
    return int(np.isfinite(sample_IK).sum(axis=1).max(initial=0))


def _all_sampled(*sides: NDArray[np.float64]) -> bool:
    return all(bool(np.isfinite(sample_IK).any(axis=1).all()) for sample_IK in sides)
