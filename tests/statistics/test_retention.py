"""How much of a score is left."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.statistics import retention


def known(rng, n, *, before=0.6, kept=0.9, gained=0.05):
    before_I = (rng.random(n) < before).astype(float)
    chance_I = np.where(before_I == 1.0, kept, gained)
    return before_I, (rng.random(n) < chance_I).astype(float), np.arange(n)


def ends(result):
    return result.ratio, result.low, result.high


def test_half_of_a_score_is_a_half():
    before, after, cluster = known(np.random.default_rng(0), 500)
    result = retention(before, after, cluster, alpha=0.05)
    assert result.ratio == pytest.approx(after.sum() / before.sum())
    assert result.low < result.ratio < result.high


def test_the_interval_is_that_of_a_cluster_bootstrap():
    rng = np.random.default_rng(1)
    before, after, _ = known(rng, 900)
    before, after = before.reshape(300, 3).mean(axis=1), after.reshape(300, 3).mean(axis=1)
    pick_RG = rng.integers(0, 300, size=(4_000, 300))
    ratio_R = after[pick_RG].mean(axis=1) / before[pick_RG].mean(axis=1)
    low, high = np.quantile(ratio_R, [0.05, 0.95])
    result = retention(before, after, np.arange(300), alpha=0.05)
    assert (result.low, result.high) == pytest.approx((low, high), abs=0.004)


def test_copies_of_an_item_add_no_information():
    before, after, cluster = known(np.random.default_rng(2), 200)
    once = retention(before, after, cluster, alpha=0.05)
    fourfold = retention(*(np.repeat(x, 4) for x in (before, after, cluster)), alpha=0.05)
    assert ends(fourfold) == pytest.approx(ends(once))


def test_the_interval_is_symmetric_on_the_log_scale():
    result = retention(*known(np.random.default_rng(3), 300), alpha=0.01)
    assert result.low * result.high == pytest.approx(result.ratio**2)


def test_a_base_that_is_hardly_above_zero_has_no_ratio():
    """20 of 1,000 right is 4.5 standard errors, 30 of 1,000 is 5.6."""
    after = np.ones(1_000)
    few, more = np.zeros(1_000), np.zeros(1_000)
    few[:20], more[:30] = 1.0, 1.0
    assert math.isnan(retention(few, after, np.arange(1_000), alpha=0.05).ratio)
    assert retention(more, after, np.arange(1_000), alpha=0.05).ratio == pytest.approx(1000 / 30)


def test_a_small_base_does_not_join_an_average_of_ratios():
    """Where a benchmark at 0.014 doubles, the mean of relative changes hides a loss of a tenth.

    Its ratio is not reported, so nothing is left to average it with.
    """
    rng = np.random.default_rng(4)
    low = np.zeros(500)
    low[:7] = 1.0
    doubled = np.zeros(500)
    doubled[7:21] = 1.0
    lost = retention(*known(rng, 2_000, before=0.7, kept=0.9, gained=0.0), alpha=0.05)
    hidden = retention(low, doubled, np.arange(500), alpha=0.05)
    assert (lost.ratio + doubled.mean() / low.mean()) / 2 > 1.4
    assert lost.high < 1.0
    assert math.isnan(hidden.ratio)


@pytest.mark.parametrize(
    ("before", "after"), [(np.ones(50), np.zeros(50)), (np.zeros(50), np.ones(50))]
)
def test_a_score_of_nothing_has_no_ratio(before, after):
    assert math.isnan(retention(before, after, np.arange(50), alpha=0.05).ratio)


def test_a_single_source_or_no_item_has_no_ratio():
    one = np.ones(30)
    assert math.isnan(retention(one, one, np.zeros(30, dtype=int), alpha=0.05).ratio)
    assert math.isnan(retention(one[:0], one[:0], np.zeros(0, dtype=int), alpha=0.05).ratio)


def test_pairs_that_all_keep_the_same_share_have_no_interval():
    before = np.random.default_rng(5).uniform(0.4, 0.9, size=60)
    result = retention(before, 0.5 * before, np.arange(60), alpha=0.05)
    assert result.ratio == pytest.approx(0.5)
    assert math.isnan(result.low)
    assert math.isnan(result.high)


@given(st.integers(0, 1_000), st.floats(0.1, 10.0))
@settings(max_examples=25, deadline=None)
def test_unit_and_order_do_not_matter_and_swapping_inverts(seed, unit):
    rng = np.random.default_rng(seed)
    before, after, cluster = known(rng, 300)
    order = rng.permutation(300)
    one = retention(before, after, cluster, alpha=0.05)
    scaled = retention(unit * before[order], unit * after[order], cluster, alpha=0.05)
    assert ends(scaled) == pytest.approx(ends(one))
    swapped = retention(after, before, cluster, alpha=0.05)
    assert ends(swapped) == pytest.approx((1 / one.ratio, 1 / one.high, 1 / one.low))


def test_items_that_weigh_more_count_more():
    before = np.tile([0.8, 0.6, 0.4, 0.5], 25)
    after = before * np.repeat([1.0, 0.5], 50)
    weight = np.repeat([3.0, 1.0], 50)
    even = retention(before, after, np.arange(100), alpha=0.05)
    uneven = retention(before, after, np.arange(100), alpha=0.05, weight_I=weight)
    sums = (weight * after).sum() / (weight * before).sum()
    assert uneven.ratio == pytest.approx(sums)
    assert even.ratio < uneven.ratio < 1.0


def test_the_interval_holds_the_true_ratio():
    rng = np.random.default_rng(6)
    true = (0.6 * 0.9 + 0.4 * 0.05) / 0.6
    above = below = 0
    for _ in range(400):
        result = retention(*known(rng, 250), alpha=0.05)
        above += result.low > true
        below += result.high < true
    for errors in (above, below):
        assert binomtest(errors, 400, 0.055, alternative="greater").pvalue > 0.001
