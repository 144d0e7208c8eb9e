"""Convergence and instability of a history."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.rules.signals import NEAR_ZERO, halves, instability, lagging

finite = st.floats(-1e100, 1e100)


def ratio(values, *, is_loss, floor=0.0, largest=10.0):
    return lagging(halves(values), is_loss=is_loss, floor=floor, largest=largest)


def volatility(values, *, floor=0.0, ddof=0):
    return instability(halves(values), floor=floor, ddof=ddof)


def test_a_worked_history():
    """Means 0.3 and 0.6; all four lie 0.25, 0.05, 0.05, 0.25 from their mean 0.45."""
    of = halves([0.2, 0.4, 0.5, 0.7])
    assert (of.old, of.new, of.n) == (pytest.approx(0.3), pytest.approx(0.6), 4)
    assert of.distance == pytest.approx(math.sqrt(0.13))
    assert lagging(of, is_loss=False, floor=0.0, largest=10.0) == pytest.approx(0.5)
    assert lagging(of, is_loss=True, floor=0.0, largest=10.0) == pytest.approx(2.0)
    assert instability(of, floor=0.0, ddof=0) == pytest.approx(math.sqrt(0.13 / 4) / 0.45)
    assert instability(of, floor=0.0, ddof=1) == pytest.approx(math.sqrt(0.13 / 3) / 0.45)


def test_the_floor_goes_into_both_means():
    assert ratio([0.1, 0.3], is_loss=False, floor=0.1) == pytest.approx(0.2 / 0.4)
    assert volatility([0.1, 0.3], floor=0.1) == pytest.approx(0.1 / 0.3)


def test_of_an_odd_number_the_oldest_is_left_out():
    assert halves([99.0, 0.2, 0.4]) == halves([0.2, 0.4])


def test_a_loss_that_rises_lags_as_much_as_a_reward_that_falls():
    assert ratio([1.0, 2.0], is_loss=True) == ratio([2.0, 1.0], is_loss=False) == 2.0


@pytest.mark.parametrize("values", [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [-1.0, 0.5], [1e-9, 1e-9]])
def test_a_reward_whose_mean_is_no_denominator_counts_as_stagnant(values):
    assert ratio(values, is_loss=False) == 10.0


def test_with_a_floor_no_reward_is_too_small():
    assert ratio([0.0, 0.0], is_loss=False, floor=0.05) == 1.0


def test_a_mastered_loss_stands_still_and_one_that_was_mastered_lags():
    assert ratio([0.0, 1e-9], is_loss=True) == 1.0
    assert ratio([0.0, 0.5], is_loss=True) == 10.0
    assert ratio([0.5, 0.0], is_loss=True) == pytest.approx(0.1)


def test_a_loss_crosses_the_bound_without_a_jump():
    low, high = NEAR_ZERO * (1 - 1e-9), NEAR_ZERO * (1 + 1e-9)
    assert ratio([low, 2e-6], is_loss=True) == pytest.approx(ratio([high, 2e-6], is_loss=True))


def test_numbers_that_do_not_move_are_stable():
    assert volatility([0.3] * 6) == 0.0
    assert volatility([0.0] * 6) == 0.0


def test_numbers_around_zero_are_as_volatile_as_anything_can_be():
    assert volatility([1.0, -1.0, 1.0, -1.0]) == 2.0
    assert volatility([1.0, 0.0, 0.0, 0.0]) == pytest.approx(math.sqrt(3))


@given(st.lists(st.floats(0, 1e100), min_size=2, max_size=40), st.integers(0, 1))
def test_the_bound_of_instability_touches_no_history_without_negative_numbers(values, ddof):
    of = halves(values)
    deviation, mean = np.std(values[-of.n :], ddof=ddof), np.mean(values[-of.n :])
    if mean > NEAR_ZERO:
        expected = pytest.approx(deviation / mean, rel=1e-9, abs=1e-12)
        assert instability(of, floor=0.0, ddof=ddof) == expected


@given(st.lists(finite, min_size=2, max_size=40), st.booleans(), st.integers(0, 1))
def test_signals_are_finite_and_bounded_for_any_history(values, is_loss, ddof):
    assert 0.1 <= ratio(values, is_loss=is_loss) <= 10.0
    assert 0.0 <= volatility(values, ddof=ddof) <= math.sqrt(len(values))


@given(
    st.lists(st.floats(0.01, 10), min_size=2, max_size=40),
    st.sampled_from([1e-2, 0.5, 3.0, 1e6]),
    st.booleans(),
)
def test_signals_do_not_know_the_scale(values, scale, is_loss):
    scaled = [scale * value for value in values]
    assert ratio(scaled, is_loss=is_loss) == pytest.approx(ratio(values, is_loss=is_loss))
    assert volatility(scaled) == pytest.approx(volatility(values), abs=1e-12)
