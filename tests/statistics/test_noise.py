"""Noise floors of reruns and of neighbouring checkpoints."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, ttest_1samp

from forgetscope.statistics import net_change
from forgetscope.statistics.noise import advised_margin, excess_churn, run_level, step_noise

ALPHA = 0.05

triples = st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=2, max_size=60).map(
    lambda rows: np.array(rows, dtype=float).T
)


def flipped(rng, base, share):
    return np.where(rng.random(len(base)) < share, 1.0 - base, base)


def test_excess_is_the_churn_of_the_checkpoint_less_that_of_the_rerun():
    base = np.zeros(100)
    rerun, after = base.copy(), base.copy()
    rerun[:4] = 1.0
    after[2:14] = 1.0
    seen = excess_churn(base, rerun, after, np.arange(100), alpha=ALPHA)
    assert seen.rerun == 0.04
    assert seen.excess.value == pytest.approx(0.08)
    # two items flipped in the rerun alone, ten at the checkpoint alone
    assert seen.p_value == pytest.approx(binomtest(10, 12, alternative="greater").pvalue)
    assert seen.excess.low > 0.0


@given(triples)
def test_direction_of_a_flip_does_not_matter(triple):
    base, rerun, after = triple
    cluster = np.arange(len(base)) // 2
    one = excess_churn(base, rerun, after, cluster, alpha=ALPHA)
    mirrored = excess_churn(1 - base, 1 - rerun, 1 - after, cluster, alpha=ALPHA)
    assert one.rerun == mirrored.rerun
    assert one.p_value == mirrored.p_value
    np.testing.assert_equal(one.excess, mirrored.excess)


@given(triples)
def test_exchanging_rerun_and_checkpoint_turns_the_excess_round(triple):
    base, rerun, after = triple
    cluster = np.arange(len(base))
    one = excess_churn(base, rerun, after, cluster, alpha=ALPHA)
    other = excess_churn(base, after, rerun, cluster, alpha=ALPHA)
    assert one.excess.value == pytest.approx(-other.excess.value)
    assert one.excess.low == pytest.approx(-other.excess.high)
    assert one.p_value + other.p_value >= 1.0 - 1e-9
    assert one.rerun + one.excess.value == pytest.approx(other.rerun)


def test_a_checkpoint_equal_to_the_base_shows_no_excess():
    base = np.ones(50)
    seen = excess_churn(base, base, base, np.arange(50), alpha=ALPHA)
    assert (seen.rerun, seen.excess.value, seen.p_value) == (0.0, 0.0, 1.0)
    assert seen.excess.low < 0.0 < seen.excess.high


def test_without_items_or_with_unknown_scores_there_is_no_excess():
    empty = np.zeros(0)
    seen = excess_churn(empty, empty, empty, np.zeros(0, dtype=int), alpha=ALPHA)
    assert math.isnan(seen.rerun)
    assert math.isnan(seen.p_value)
    with pytest.raises(ValueError, match="finite"):
        excess_churn(np.array([1.0]), np.array([np.nan]), np.ones(1), np.zeros(1, int), alpha=ALPHA)


def found(rng, *, trials, share, size=1):
    """Studies of 240 items, in clusters that flip together, that prove an excess over 5 %."""
    hits = 0
    for _ in range(trials):
        base = rng.integers(0, 2, size=240 // size) * 1.0
        rerun, after = flipped(rng, base, 0.05), flipped(rng, base, share)
        items = (np.repeat(x, size) for x in (base, rerun, after))
        cluster = np.repeat(np.arange(240 // size), size)
        hits += excess_churn(*items, cluster, alpha=ALPHA).p_value <= ALPHA
    return hits


@pytest.mark.parametrize("size", [1, 4])
def test_a_further_rerun_is_seldom_an_excess(size):
    hits = found(np.random.default_rng(size), trials=400, share=0.05, size=size)
    assert binomtest(hits, 400, ALPHA, alternative="greater").pvalue > 0.001


def test_three_times_the_churn_is_mostly_an_excess():
    assert found(np.random.default_rng(3), trials=100, share=0.15) > 80


def test_step_noise_of_a_hand_made_series():
    means = np.array([0.50, 0.52, 0.49, 0.51, 0.50])
    errors = np.array([0.01, 0.01, 0.01, 0.01])
    # steps 2, -3, 2, -1 points: mean 0, squares 18, divided by 4 - 1/4
    squares = 18e-4 / (2 * 3.75)
    assert step_noise(means, errors) == pytest.approx(math.sqrt(squares - 0.01**2 / 2))


def test_a_steady_fall_is_no_step_noise():
    falling = np.linspace(0.8, 0.3, 6)
    assert step_noise(falling, np.full(5, 0.001)) == 0.0
    restless = np.array([0.0, 0.02, -0.01, 0.01, 0.0, 0.02])
    tilted = step_noise(falling + restless, np.full(5, 0.001))
    assert tilted == pytest.approx(step_noise(restless, np.full(5, 0.001)))


def test_step_noise_is_unbiased_for_five_checkpoints():
    rng = np.random.default_rng(9)
    found = [step_noise(rng.normal(0.5, 0.01, 5), np.zeros(4)) ** 2 for _ in range(4000)]
    assert np.mean(found) == pytest.approx(0.01**2, rel=0.05)


def test_step_noise_of_true_noise_is_found_beside_that_of_the_items():
    """Means with step noise 0.01, seen through independent item noise of 0.005 each."""
    rng = np.random.default_rng(5)
    means = 0.6 + rng.normal(0, 0.01, 20_000) + rng.normal(0, 0.005, 20_000)
    errors = np.full(19_999, 0.005 * math.sqrt(2))
    assert step_noise(means, errors) == pytest.approx(0.01, rel=0.03)


def test_item_noise_alone_leaves_no_step_noise():
    assert step_noise(np.array([0.5, 0.51, 0.5, 0.51, 0.5]), np.full(4, 0.02)) == 0.0


def test_step_noise_needs_five_checkpoints_and_their_errors():
    assert math.isnan(step_noise(np.full(4, 0.5), np.full(3, 0.01)))
    assert math.isnan(step_noise(np.zeros(0), np.zeros(0)))
    assert math.isnan(step_noise(np.full(5, 0.5), np.array([0.01, np.nan, 0.01, 0.01])))
    assert math.isnan(step_noise(np.array([0.5, 0.6, np.nan, 0.6, 0.5]), np.full(4, 0.01)))
    with pytest.raises(ValueError, match="5 checkpoints do not have 5"):
        step_noise(np.full(5, 0.5), np.full(5, 0.01))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=12).map(np.array))
def test_step_noise_does_not_depend_on_level_or_direction(means):
    errors = np.full(len(means) - 1, 0.01)
    seen = step_noise(means, errors)
    assert seen >= 0.0
    # a variance left over from nearly equal numbers carries their rounding
    assert step_noise(means + 0.3, errors) == pytest.approx(seen, abs=1e-7)
    assert step_noise(means[::-1], errors) == pytest.approx(seen, abs=1e-7)


def test_the_advised_margin_is_two_points_unless_steps_are_noisier():
    assert advised_margin(0.0) == 0.02
    assert advised_margin(0.01) == 0.02
    assert advised_margin(0.03) == 0.06
    assert math.isnan(advised_margin(math.nan))


def test_one_checkpoint_without_step_noise_is_the_paired_t_test():
    rng = np.random.default_rng(6)
    base, after = rng.random(40), rng.random(40)
    seen = run_level(after[None], base, np.arange(40), sigma=0.0, alpha=ALPHA)
    theirs = ttest_1samp(after - base, 0.0).confidence_interval(0.90)
    assert seen.change == pytest.approx((after - base).mean())
    assert (seen.interval.low, seen.interval.high) == pytest.approx((theirs.low, theirs.high))
    assert seen.n_checkpoints == 1


def test_step_noise_adds_to_item_noise_and_shrinks_with_more_checkpoints():
    rng = np.random.default_rng(7)
    base = rng.random(50)
    scores = base + rng.normal(-0.1, 0.1, size=(4, 50))
    cluster = np.arange(50) // 2
    quiet = run_level(scores, base, cluster, sigma=0.0, alpha=ALPHA)
    loud = run_level(scores, base, cluster, sigma=0.06, alpha=ALPHA)
    items = net_change(base, scores.mean(axis=0), cluster, is_bounded=False)
    assert quiet.standard_error == pytest.approx(items.estimate.standard_error)
    assert loud.standard_error**2 - quiet.standard_error**2 == pytest.approx(0.06**2 / 4)
    assert loud.interval.low < quiet.interval.low
    assert loud.change == quiet.change


def test_without_step_noise_on_record_or_any_spread_there_is_no_interval():
    base, cluster = np.arange(9) / 10, np.arange(9)
    unknown = run_level(base[None] ** 2, base, cluster, sigma=math.nan, alpha=ALPHA)
    assert math.isnan(unknown.standard_error)
    assert math.isnan(unknown.interval.low)
    frozen = run_level(base[None], base, cluster, sigma=0.0, alpha=ALPHA)
    assert frozen.change == 0.0
    assert math.isnan(frozen.interval.high)
    with pytest.raises(ValueError, match="at least one checkpoint"):
        run_level(np.zeros((0, 9)), base, cluster, sigma=0.0, alpha=ALPHA)


def test_run_level_intervals_hold_the_change_of_the_run():
    """Steps wander by 3 points around a true loss of 5; one step alone would mislead."""
    rng = np.random.default_rng(8)
    misses = 0
    for _ in range(1_000):
        base = rng.normal(0.6, 0.2, 200)
        steps = rng.normal(-0.05, 0.03, size=(3, 1))
        scores = base + steps + rng.normal(0, 0.1, 200)
        seen = run_level(scores, base, np.arange(200), sigma=0.03, alpha=ALPHA)
        misses += not seen.interval.low <= -0.05 <= seen.interval.high
    assert binomtest(misses, 1_000, 2 * ALPHA, alternative="greater").pvalue > 0.001
    # and not by being too wide: the reach is that of both sources of error
    expected = norm.ppf(0.95) * math.sqrt(0.1**2 / 200 + 0.03**2 / 3)
    assert seen.interval.high - seen.change == pytest.approx(expected, rel=0.1)
