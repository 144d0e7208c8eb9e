"""Intervals that may be looked at after every item."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.statistics import Wager, anytime_change, cluster_path

ALPHA = 0.05


def best(path_I, *, margin, claim="held"):
    """Second implementation: the mean of a cautious and a bold bettor's money."""
    money_I = sum(
        np.exp(Wager(margin=margin, claim=claim, boldness=b).path(path_I)) for b in (0.5, 0.95)
    )
    return math.log(money_I.max() / 2)


def alone(n):
    return np.arange(n, dtype=np.intp)


def differences(rng, n, *, lost, gained):
    return rng.choice([-1.0, 0.0, 1.0], size=n, p=[lost, 1 - lost - gained, gained])


def test_the_ends_are_the_last_means_that_every_bet_has_left_behind():
    """Second implementation: all tenths of a point about 0, each bet on by itself."""
    difference_I = differences(np.random.default_rng(1), 900, lost=0.04, gained=0.03)
    found = anytime_change(difference_I, alone(900), margins=(0.02,)).interval(ALPHA)
    needed = math.log(1 / ALPHA)
    held = [m for m in np.arange(1, 51) / 1000 if best(difference_I, margin=m) < needed]
    assert found.low == pytest.approx(-max(held) - 0.001, abs=2e-3)
    # turned round, a gain of less than m is a loss of less than m
    bound = [m for m in np.arange(1, 51) / 1000 if best(-difference_I, margin=m) < needed]
    assert found.high == pytest.approx(max(bound) + 0.001, abs=2e-3)


@pytest.mark.parametrize("margin", [0.013, 0.02, 0.0371])
def test_an_end_lies_beyond_the_margin_just_where_the_bet_on_it_is_won(margin):
    rng = np.random.default_rng(3)
    for n in (200, 500, 800, 1500):
        difference_I = differences(rng, n, lost=0.03, gained=0.03)
        found = anytime_change(difference_I, alone(n), margins=(margin,)).interval(ALPHA)
        is_won = best(difference_I, margin=margin) >= math.log(1 / ALPHA)
        assert (found.low > -margin) == is_won
        worse_I = differences(rng, n, lost=0.10, gained=0.01)
        found = anytime_change(worse_I, alone(n), margins=(margin,)).interval(ALPHA)
        bet = best(worse_I, margin=margin, claim="forgot")
        assert (found.high < -margin) == (bet >= math.log(1 / ALPHA))


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=1, max_size=120))
def test_swapping_the_sides_turns_the_interval_round(values):
    difference_I = np.array(values)
    ahead = anytime_change(difference_I, alone(len(values)), margins=(0.02,))
    back = anytime_change(-difference_I, alone(len(values)), margins=(-0.02,))
    assert ahead.interval(ALPHA).low == pytest.approx(-back.interval(ALPHA).high, abs=1e-8)
    assert ahead.interval(ALPHA).high == pytest.approx(-back.interval(ALPHA).low, abs=1e-8)
    assert ahead.p_value == pytest.approx(back.p_value)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=200))
def test_more_items_and_weaker_levels_only_narrow_it(values):
    difference_I = np.array(values)
    n = len(values)
    early = anytime_change(difference_I[: n // 2], alone(n // 2)).interval(ALPHA)
    late = anytime_change(difference_I, alone(n))
    strict, weak = late.interval(0.01), late.interval(ALPHA)
    assert early.low <= weak.low
    assert weak.high <= early.high
    assert strict.low <= weak.low
    assert weak.high <= strict.high


def test_without_items_everything_is_open():
    found = anytime_change(np.zeros(0), alone(0))
    assert (found.interval(ALPHA).low, found.interval(ALPHA).high) == (-1.0, 1.0)
    assert found.p_value == 1.0


def test_clusters_are_bet_on_as_wholes():
    rng = np.random.default_rng(4)
    cluster_I = np.repeat(np.arange(150), rng.integers(1, 5, size=150))
    difference_I = differences(rng, len(cluster_I), lost=0.02, gained=0.02)
    found = anytime_change(difference_I, cluster_I, margins=(0.05,), largest=6)
    path_G = cluster_path(difference_I, cluster_I, margin=0.05, largest=6)
    is_won = best(path_G, margin=0.05) >= math.log(1 / ALPHA)
    assert (found.interval(ALPHA).low > -0.05) == is_won


@pytest.mark.parametrize("loss", [0.0, 0.02])
def test_the_true_change_is_rarely_ever_outside_over_a_whole_path(loss):
    """The ends keep the best of all moments, so the last one tells whether any was false."""
    rng = np.random.default_rng(7)
    n_runs, below, above = 300, 0, 0
    for _ in range(n_runs):
        difference_I = differences(rng, 1000, lost=0.05 + loss, gained=0.05)
        found = anytime_change(difference_I, alone(1000), margins=(loss,)).interval(ALPHA)
        below += found.low > -loss
        above += found.high < -loss
    for wrong in (below, above):
        assert binomtest(wrong, n_runs, ALPHA, alternative="greater").pvalue > 0.01
