"""The rule `code`: the released code, its faults, and what the options do about them."""

import math

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.rules.signals import halves, instability
from tests.recap.rules.made import histories, made, swinging, told
from tests.recap.rules.second import code_weights

LATE = (0.0, 0.05, 0.1, 0.3)
"""Instabilities of four objectives late in training, whose convergence is 1."""


def test_a_worked_example():
    """c = 0.4/0.8 = 0.5 and 1.5/1.0 = 1.5; i = 0.2/0.6 = 1/3 and 0.25/1.25 = 0.2; T = 1."""
    rule = told(
        made("code", temperature=1.0), {"math/accuracy": [0.4, 0.8], "facts/replay": [1.0, 1.5]}
    )
    c, i = 1 / (1 + math.exp(1.5 - 0.5)), 1 / (1 + math.exp(0.2 - 1 / 3))
    assert rule.weights()["math/accuracy"] == pytest.approx(2 * (0.5 * c + 0.5 * i))
    assert rule.weights()["math/accuracy"] == pytest.approx(0.80222, abs=1e-5)


@given(
    histories(),
    st.sampled_from([0.2, 1.0, 5.0]),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from(["lagging", "leading"]),
    st.sampled_from([0.0, 0.05]),
)
def test_weights_are_those_of_a_second_implementation(past, temperature, alpha, sign, floor):
    options = {"temperature": temperature, "alpha": alpha, "sign": sign, "floor": floor}
    weights = told(made("code", **options), past).weights()
    np.testing.assert_allclose(list(weights.values()), code_weights(past, **options), rtol=1e-9)


@pytest.mark.parametrize(
    ("temperature", "low", "high", "half_digit"),
    [(5.0, 0.989, 1.019, 5e-4), (1.0, 0.94, 1.10, 5e-3), (0.1, 0.58, 2.1, 5e-2)],
)
def test_late_in_training_the_published_temperature_leaves_the_weights_alike(
    temperature, low, high, half_digit
):
    rule = made("code", temperature=temperature)
    for k, i in enumerate(LATE):
        for value in swinging(1.0, i):
            rule.observe(f"domain{k}/replay", value, kind="loss")
    weights = rule.weights().values()
    assert min(weights) == pytest.approx(low, abs=half_digit)
    assert max(weights) == pytest.approx(high, abs=half_digit)


def test_what_was_called_late_has_those_signals():
    for i in LATE:
        of = halves(swinging(1.0, i))
        assert of.old == pytest.approx(of.new)
        assert instability(of, floor=0.0, ddof=0) == pytest.approx(i)


@given(
    st.lists(st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)), min_size=1, max_size=4),
    st.sampled_from([0.5, 2.0]),
)
def test_with_convergence_alone_and_one_value_a_half_it_is_dynamic_weight_averaging(
    losses, temperature
):
    """Liu et al. 2019: K x softmax(L(t-1) / L(t-2) / T); kept apart from the bound of c."""
    rule = made("code", alpha=1.0, window=1, temperature=temperature, max_ratio=100.0)
    for k, (before, last) in enumerate(losses):
        for value in (99.0, before, last):
            rule.observe(f"domain{k}/replay", value, kind="loss")
    ratio_K = np.array([last / before for before, last in losses])
    expected_K = len(losses) * scipy.special.softmax(ratio_K / temperature)
    np.testing.assert_allclose(list(rule.weights().values()), expected_K, rtol=1e-9)


def test_one_value_says_nothing():
    weights = told(made("code"), {"math/accuracy": [0.0], "facts/replay": [3.0]}).weights()
    assert set(weights.values()) == {1.0}


def test_what_falls_back_gains_and_with_the_other_sign_what_improves():
    past = {"math/accuracy": [0.4, 0.8], "math/format": [0.8, 0.4]}
    lagging = told(made("code", alpha=1.0), past).weights()
    leading = told(made("code", alpha=1.0, sign="leading"), past).weights()
    assert lagging["math/format"] > 1 > lagging["math/accuracy"]
    assert leading["math/accuracy"] > 1 > leading["math/format"]


def test_only_the_last_two_windows_count():
    late = {"math/accuracy": [0.3, 0.5, 0.4, 0.6], "facts/replay": [1.0, 1.1, 0.9, 1.0]}
    long = {name: [0.9, 0.1, *values] for name, values in late.items()}
    assert told(made("code", window=2), long).weights() == told(made("code"), late).weights()


def test_a_first_reward_of_zero_neither_explodes_nor_takes_everything():
    past = {"math/accuracy": [0.1] * 10 + [0.0] * 10, "facts/replay": [1.0] * 20}
    weights = told(made("code"), past).weights()
    assert 1 < weights["math/accuracy"] < 2


def test_alpha_falls_from_one_to_zero_over_the_stated_steps():
    """The released code's option: alpha = 1 - step / max_steps, from step 0."""
    past = {"math/accuracy": [0.4, 0.8, 0.6], "facts/replay": [1.0, 1.5, 1.2]}
    for n_steps, alpha in ((2, 0.75), (3, 0.5)):
        some = {name: values[:n_steps] for name, values in past.items()}
        rule = made("code", anneal_steps=4)
        for step in range(n_steps):
            rule.observe("math/accuracy", some["math/accuracy"][step])
            rule.observe("facts/replay", some["facts/replay"][step], kind="loss")
        assert rule.weights() == told(made("code", alpha=alpha), some).weights()


def test_after_the_stated_steps_only_instability_is_left():
    past = {"math/accuracy": [0.4, 0.8, 0.6] * 3, "facts/replay": [1.0, 1.5, 1.2] * 3}
    assert (
        told(made("code", anneal_steps=2), past).weights()
        == told(made("code", alpha=0.0), past).weights()
    )
