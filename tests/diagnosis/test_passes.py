"""pass@k of two checkpoints."""

import numpy as np
import pytest

from forgetscope.diagnosis import compare
from forgetscope.records import OutputType, Policy
from forgetscope.statistics import pass_at_k
from tests.strategies import column, evidence, profile, task

DRAWN = {"output_type": OutputType.GENERATE, "chance": float("nan"), "is_sampled": True}


def found(before_IK, after_IK, *, clusters=None):
    known = {} if clusters is None else {"clusters": clusters}
    sides = (
        profile(label, column(task(**DRAWN), side.mean(axis=1), evidence=_known(side), **known))
        for label, side in (("base", before_IK), ("later", after_IK))
    )
    return compare(*sides, policy=Policy()).tasks[0]


def _known(sample_IK):
    return evidence(len(sample_IK), sample_IK=sample_IK)


def drawn(share_I, *, k=8, seed=0):
    return (np.random.default_rng(seed).random((len(share_I), k)) < share_I[:, None]).astype(float)


def sharpened(n=400):
    """A base that sometimes solves everything; after it, three in five always and others never."""
    return drawn(np.full(n, 0.4)), drawn((np.arange(n) % 5 < 3).astype(float), seed=1)


def test_a_model_that_was_sharpened_gains_in_one_try_and_loses_in_many():
    before_IK, after_IK = sharpened()
    cell = found(before_IK, after_IK)
    one, *_, most = cell.findings.repeats.passes
    assert (one.k, most.k) == (1, 8)
    assert one.change.low > 0.1
    assert most.change.high < -0.3
    assert most.before == pytest.approx(pass_at_k(before_IK, k=8).mean())


def test_a_single_try_is_the_score_in_every_respect():
    rng = np.random.default_rng(3)
    before_IK, after_IK = drawn(rng.random(120), k=4, seed=4), drawn(rng.random(120), k=4, seed=5)
    cell = found(before_IK, after_IK)
    one = cell.findings.repeats.passes[0]
    assert (one.before, one.after) == pytest.approx((cell.before, cell.after))
    assert one.change.value == pytest.approx(cell.change)
    assert one.change.p_value == pytest.approx(cell.p_value)


def test_items_of_one_source_widen_the_interval():
    share_I = np.repeat(np.random.default_rng(6).random(60), 5)
    moved_I = np.repeat(np.random.default_rng(7).random(60), 5)
    before_IK, after_IK = drawn(share_I, k=4), drawn(moved_I, k=4, seed=1)
    sources = tuple(f"s{i // 5}" for i in range(300))
    single = found(before_IK, after_IK).findings.repeats.passes[-1].change
    shared = found(before_IK, after_IK, clusters=sources).findings.repeats.passes[-1].change
    assert shared.high - shared.low > 1.5 * (single.high - single.low)


def test_as_many_tries_are_told_as_every_item_has_on_both_sides():
    before_IK, after_IK = drawn(np.full(40, 0.5)), drawn(np.full(40, 0.5), k=6, seed=1)
    after_IK[3, 4:] = np.nan
    sides = (
        profile("base", column(task(**DRAWN), before_IK.mean(axis=1), evidence=_known(before_IK))),
        profile(
            "later",
            column(task(**DRAWN), np.nanmean(after_IK, axis=1), evidence=_known(after_IK)),
        ),
    )
    cell = compare(*sides, policy=Policy()).tasks[0]
    assert [each.k for each in cell.findings.repeats.passes] == [1, 2, 4]


def test_graded_samples_have_no_pass_at_k():
    before_IK, after_IK = (0.7 * side for side in sharpened(50))
    assert found(before_IK, after_IK).findings.repeats.passes == ()
