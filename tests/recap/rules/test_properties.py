"""What every rule promises, whatever it is told."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recap.rules.made import (
    ALIKE,
    OBJECTIVES,
    OPTIONS,
    any_histories,
    histories,
    made,
    steps_of,
    tell,
    told,
)

every_rule = pytest.mark.parametrize("name", sorted(OPTIONS))
published = pytest.mark.parametrize("name", ["code", "paper"])


@every_rule
@given(past=any_histories)
@settings(max_examples=60)
def test_weights_are_finite_and_their_mean_is_one_for_any_finite_history(name, past):
    rule = made(name)
    for step in steps_of(past):
        tell(rule, step, OBJECTIVES)
        rule.observe("facts/probe", step.get("facts/replay", 0.0), kind="loss")
        weights = rule.weights()
        assert all(math.isfinite(weight) and weight >= 0 for weight in weights.values())
        assert math.fsum(weights.values()) / len(weights) == pytest.approx(1.0, abs=1e-12)
        json.dumps(rule.state_dict(), allow_nan=False)


@every_rule
@given(past=histories(), rng=st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_in_which_objectives_are_observed_changes_no_bit(name, past, rng):
    sorted_rule, shuffled_rule = made(name), made(name)
    for step in steps_of(past):
        tell(sorted_rule, dict(sorted(step.items())))
        shuffled = list(step.items())
        rng.shuffle(shuffled)
        tell(shuffled_rule, dict(shuffled))
    assert list(sorted_rule.weights().items()) == list(shuffled_rule.weights().items())


@every_rule
@given(past=histories(), cut=st.integers(0, 25))
@settings(max_examples=30)
def test_a_run_resumed_through_json_equals_an_uninterrupted_one(name, past, cut):
    whole, resumed = made(name), made(name)
    for place, step in enumerate(steps_of(past)):
        if place == cut:
            state = json.loads(json.dumps(resumed.state_dict()))
            resumed = made(name)
            resumed.load_state_dict(state)
        for rule in (whole, resumed):
            tell(rule, step)
            rule.observe("facts/probe", step.get("facts/replay", 0.5), kind="loss")
        assert resumed.weights() == whole.weights()
    assert resumed.state_dict() == whole.state_dict()


@every_rule
def test_a_run_resumed_in_the_middle_of_a_step_equals_an_uninterrupted_one(name):
    whole, resumed = made(name), made(name)
    for step in range(6):
        for objective, kind in OBJECTIVES.items():
            state = json.loads(json.dumps(resumed.state_dict()))
            resumed = made(name)
            resumed.load_state_dict(state)
            for rule in (whole, resumed):
                rule.observe(objective, 0.1 + 0.1 * step, kind=kind)
            assert resumed.weights() == whole.weights()


@published
@given(
    past=histories(0.01, 0.9, least=20),
    objective=st.sampled_from(sorted(OBJECTIVES)),
    scale=st.sampled_from([0.01, 0.3, 7.0, 1e4]),
)
@settings(max_examples=60)
def test_the_published_rules_do_not_know_the_scale_of_an_objective(name, past, objective, scale):
    """Of a reward, `paper` sees the distance from the ceiling: that is what is scaled there."""
    options = {"ceiling": 0.0} if name == "paper" else {}
    sign = -1.0 if name == "paper" else 1.0
    kinds = OBJECTIVES
    past = {
        key: [sign * value if kinds[key] == "reward" else value for value in values]
        for key, values in past.items()
    }
    scaled = past | {objective: [scale * value for value in past.get(objective, [])]}
    if objective not in past:
        scaled = past
    before = told(made(name, temperature=0.5, **options), past).weights()
    after = told(made(name, temperature=0.5, **options), scaled).weights()
    assert after == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize("name", ["code", "paper", "advantage"])
def test_a_low_temperature_makes_the_weights_differ_more(name):
    past = {
        "math/accuracy": [0.2 + 0.02 * step for step in range(20)],
        "facts/replay": [1.0 + 0.05 * (step % 3) for step in range(20)],
    }
    widths = []
    for temperature in (5.0, 1.0, 0.2):
        weights = told(made(name, temperature=temperature), past).weights().values()
        widths.append(max(weights) - min(weights))
    assert widths == sorted(widths)
    assert widths[0] < 0.5 * widths[2]


@every_rule
def test_declared_objectives_have_weight_one_before_anything_is_observed(name):
    weights = made(name, objectives=list(ALIKE)).weights()
    assert set(weights) == set(OBJECTIVES)
    if name not in ("static", "random"):
        assert set(weights.values()) == {1.0}


@every_rule
def test_only_code_acts_on_raw_rewards(name):
    assert made(name).acts_on == ("reward" if name == "code" else "advantage")
    assert made(name).name == name
