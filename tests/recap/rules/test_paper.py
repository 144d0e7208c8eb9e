"""The rule `paper`: Algorithm 1 as printed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recap.rules.made import histories, made, swinging, told
from tests.recap.rules.second import paper_weights
from tests.recap.rules.test_code import LATE


def test_a_worked_example():
    """Losses 1.0, 0.5: c = 2, i = sd 0.35355 / 1.5; rewards 0.6, 0.8 are losses 0.4, 0.2."""
    rule = told(
        made("paper", window=1, temperature=1.0),
        {"facts/replay": [1.0, 0.5], "math/accuracy": [0.6, 0.8]},
    )
    facts = 2 + 0.5 * math.sqrt(0.5) / 1.5
    maths = 2 + 0.2 * math.sqrt(0.5) / 0.6
    share = 1 / (1 + math.exp(maths - facts))
    assert rule.weights()["facts/replay"] == pytest.approx(2 * share)


@given(
    histories(0.01, 0.99, least=2, most=14),
    st.sampled_from([0.2, 5.0]),
    st.sampled_from([None, 0.0, 0.75]),
    st.sampled_from([0.0, 0.05]),
)
def test_weights_are_those_of_a_second_implementation(past, temperature, alpha, floor):
    options = {"temperature": temperature, "alpha": alpha, "floor": floor, "window": 4}
    weights = told(made("paper", **options), past).weights()
    np.testing.assert_allclose(list(weights.values()), paper_weights(past, **options), rtol=1e-9)


@pytest.mark.parametrize(
    ("temperature", "low", "high", "half_digit"),
    [(5.0, 0.977, 1.038, 5e-4), (1.0, 0.89, 1.20, 5e-3), (0.1, 0.16, 3.2, 5e-2)],
)
def test_late_in_training_the_published_temperature_leaves_the_weights_alike(
    temperature, low, high, half_digit
):
    rule = made("paper", temperature=temperature)
    for k, i in enumerate(LATE):
        for value in swinging(1.0, 2 * i * math.sqrt(19 / 20)):
            rule.observe(f"domain{k}/replay", value, kind="loss")
    weights = rule.weights().values()
    assert min(weights) == pytest.approx(low, abs=half_digit)
    assert max(weights) == pytest.approx(high, abs=half_digit)


def test_before_two_windows_are_full_every_weight_is_one():
    past = {"math/accuracy": [0.1, 0.9] * 9 + [0.5], "facts/replay": [2.0, 0.1] * 9}
    assert set(told(made("paper"), past).weights().values()) == {1.0}


def test_objectives_in_their_warm_up_keep_weight_one_beside_those_beyond_it():
    past = {
        "math/accuracy": [0.1, 0.9] * 10,
        "facts/replay": [2.0 - 0.05 * step for step in range(20)],
        "code/replay": [1.0, 3.0],
    }
    weights = told(made("paper", temperature=1.0), past).weights()
    assert weights["code/replay"] == 1.0
    assert weights["math/accuracy"] != 1.0
    assert math.fsum(weights.values()) == pytest.approx(3.0)


def test_what_improves_fast_gains_and_with_the_other_sign_what_falls_back():
    past = {"math/accuracy": [0.2, 0.6], "math/format": [0.6, 0.2]}
    leading = told(made("paper", window=1), past).weights()
    lagging = told(made("paper", window=1, sign="lagging"), past).weights()
    assert leading["math/accuracy"] > 1 > leading["math/format"]
    assert lagging["math/format"] > 1 > lagging["math/accuracy"]


def test_a_reward_is_its_distance_from_the_ceiling():
    rewards = {"math/accuracy": [4.0, 4.5, 3.0, 4.8], "math/format": [1.0, 2.0, 3.0, 2.0]}
    losses = {name: [5.0 - value for value in values] for name, values in rewards.items()}
    kinds = dict.fromkeys(losses, "loss")
    of_rewards = told(made("paper", window=2, ceiling=5.0), rewards).weights()
    assert of_rewards == told(made("paper", window=2), losses, kinds).weights()


def test_a_perfect_reward_is_at_rest():
    past = {"math/format": [1.0] * 20, "math/accuracy": [0.5] * 20}
    assert set(told(made("paper", temperature=0.1), past).weights().values()) == {1.0}
