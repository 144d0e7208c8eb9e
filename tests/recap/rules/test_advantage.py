"""The rule `advantage`: signals in nats."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recap.rules.made import histories, made, told
from tests.recap.rules.second import advantage_weights


def test_a_worked_example():
    """A loss that rose by 0.3 nats, and a reward that stands at 0.5: scores 0.15 and 0, T = 0.2."""
    past = {"facts/replay": [1.0, 1.0, 1.3, 1.3], "math/accuracy": [0.5] * 4}
    share = 1 / (1 + math.exp(-0.5 * 0.3 / 0.2))
    weights = told(made("advantage"), past).weights()
    assert weights["facts/replay"] == pytest.approx(2 * share)
    assert weights["facts/replay"] == pytest.approx(1.35835, abs=1e-5)


@given(histories(), st.sampled_from([0.05, 0.2, 1.0]), st.sampled_from([0.0, 0.5, 1.0]))
def test_weights_are_those_of_a_second_implementation(past, temperature, alpha):
    options = {"temperature": temperature, "alpha": alpha}
    weights = told(made("advantage", **options), past).weights()
    np.testing.assert_allclose(
        list(weights.values()), advantage_weights(past, **options), rtol=1e-9
    )


def test_a_reward_that_halves_sets_back_as_much_as_a_loss_that_rises_by_the_logarithm_of_two():
    """But for the floor: 0.35 + 0.05 falls to 0.15 + 0.05."""
    past = {"math/accuracy": [0.35, 0.15], "facts/replay": [1.0, 1.0 + math.log(2)]}
    weights = told(made("advantage"), past).weights()
    assert weights["math/accuracy"] == pytest.approx(1.0)


def test_a_steady_move_is_less_volatile_than_a_swing_of_the_same_size():
    past = {"facts/replay": [1.0, 1.0, 1.4, 1.4], "code/replay": [1.0, 1.4, 1.0, 1.4]}
    weights = told(made("advantage", alpha=0.0), past).weights()
    assert weights["code/replay"] > 1 > weights["facts/replay"]


@given(
    st.lists(st.floats(0.0, 0.01), min_size=2, max_size=20),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_noise_of_a_mastered_loss_cannot_bring_more_than_its_range_allows(noise, alpha):
    past = {"facts/replay": noise, "code/replay": [2.0] * 20}
    weights = told(made("advantage", alpha=alpha), past).weights()
    assert weights["facts/replay"] / weights["code/replay"] <= math.exp(0.01 / 0.2)


@given(histories(), st.floats(-3, 3))
def test_a_constant_added_to_a_loss_changes_nothing(past, constant):
    losses = {name: values for name, values in past.items() if name.endswith("replay")}
    moved = {name: [value + constant for value in values] for name, values in losses.items()}
    expected = pytest.approx(told(made("advantage"), losses).weights(), rel=1e-6)
    assert told(made("advantage"), moved).weights() == expected


def test_a_reward_of_zero_is_an_ordinary_value_and_a_negative_one_counts_as_zero():
    zero = told(made("advantage"), {"math/accuracy": [0.5, 0.0], "math/format": [0.5, 0.5]})
    less = told(made("advantage"), {"math/accuracy": [0.5, -3.0], "math/format": [0.5, 0.5]})
    assert zero.weights() == less.weights()
    assert 1 < zero.weights()["math/accuracy"] < 2


def test_with_the_other_sign_what_improves_gains():
    past = {"math/accuracy": [0.2, 0.6], "math/format": [0.6, 0.2]}
    weights = told(made("advantage", sign="leading"), past).weights()
    assert weights["math/accuracy"] > 1 > weights["math/format"]
