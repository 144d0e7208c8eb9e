"""The rule `budget`: a multiplier per domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UnknownNameError, UsageError
from tests.recap.rules.made import made

OPTIONS = {"budget": 0.1, "step_size": 5.0, "max_multiplier": 4.0}


def probed(values, **options):
    rule = made("budget", **(OPTIONS | options))
    for value in values:
        rule.observe("facts/probe", value, kind="loss")
    return rule


def test_a_worked_example():
    """Base 0.5: 0.8 lies 0.2 beyond base and budget, 0.62 lies 0.02 beyond, 0.5 lies 0.1 below."""
    assert probed([0.5, 0.8]).multipliers == {"facts": pytest.approx(1 + 5 * 0.2)}
    assert probed([0.5, 0.8, 0.62]).multipliers == {"facts": pytest.approx(2.1)}
    assert probed([0.5, 0.8, 0.62, 0.5]).multipliers == {"facts": pytest.approx(1.6)}


def test_the_multiplier_weighs_its_domain_against_the_reasoning():
    rule = probed([0.5, 0.8])
    rule.observe("math/accuracy", 0.4)
    rule.observe("facts/replay", 0.7, kind="loss")
    assert rule.weights() == {
        "facts/replay": pytest.approx(4 / 3),
        "math/accuracy": pytest.approx(2 / 3),
    }


def test_all_objectives_of_a_domain_with_a_probe_carry_its_multiplier():
    rule = probed([0.5, 0.8])
    for objective in ("facts/exact", "math/accuracy", "math/format"):
        rule.observe(objective, 0.4)
    assert rule.weights() == {
        "facts/exact": pytest.approx(1.5),
        "math/accuracy": pytest.approx(0.75),
        "math/format": pytest.approx(0.75),
    }


def test_the_first_value_of_a_probe_is_the_base_and_moves_nothing():
    rule = probed([0.5])
    rule.observe("facts/replay", 0.7, kind="loss")
    rule.observe("math/accuracy", 0.4)
    assert rule.multipliers == {"facts": 1.0}
    assert set(rule.weights().values()) == {1.0}


def test_before_any_probe_all_weigh_alike():
    rule = made("budget")
    rule.observe("facts/replay", 0.7, kind="loss")
    rule.observe("math/accuracy", 0.4)
    assert rule.multipliers == {}
    assert set(rule.weights().values()) == {1.0}


def test_a_domain_that_keeps_within_its_budget_loses_its_weight():
    rule = probed([0.5] * 9)
    rule.observe("facts/replay", 0.7, kind="loss")
    rule.observe("math/accuracy", 0.4)
    assert rule.multipliers == {"facts": 0.0}
    assert rule.weights() == {"facts/replay": 0.0, "math/accuracy": 2.0}


def test_where_every_multiplier_is_zero_and_nothing_else_is_trained_all_weigh_one():
    rule = probed([0.5] * 9)
    rule.observe("facts/replay", 0.7, kind="loss")
    assert rule.weights() == {"facts/replay": 1.0}


def test_a_multiplier_that_was_zero_comes_back_at_once():
    assert probed([0.5] * 30 + [0.8]).multipliers == {"facts": pytest.approx(1.0)}


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=30))
def test_multipliers_stay_within_their_bounds(values):
    (multiplier,) = probed(values).multipliers.values()
    assert 0 <= multiplier <= 4


@given(st.lists(st.floats(0, 3), min_size=1, max_size=20), st.floats(0, 2))
def test_only_the_rise_above_the_base_counts(values, shift):
    moved = probed([value + shift for value in values]).multipliers
    assert moved == pytest.approx(probed(values).multipliers, abs=1e-6)


def test_each_domain_has_its_own_multiplier():
    rule = made("budget", **OPTIONS)
    for facts, code in ((0.5, 1.0), (0.8, 1.0)):
        rule.observe("facts/probe", facts, kind="loss")
        rule.observe("code/probe", code, kind="loss")
    assert rule.multipliers == {"code": pytest.approx(0.5), "facts": pytest.approx(2.0)}


def test_each_domain_may_have_a_budget_of_its_own():
    rule = made("budget", step_size=5.0, budget={"facts": 0.1, "code": 0.2})
    for _ in range(2):
        rule.observe("facts/probe", 0.5, kind="loss")
        rule.observe("code/probe", 0.5, kind="loss")
    assert rule.multipliers == {"code": 0.0, "facts": pytest.approx(0.5)}


def test_a_probe_without_a_budget_is_refused_and_leaves_no_trace():
    rule = made("budget", budget={"facts": 0.1})
    with pytest.raises(UnknownNameError) as caught:
        rule.observe("fact/probe", 0.5, kind="loss")
    assert caught.value.message == "unknown domain in `budget`: `fact`"
    assert caught.value.hint == "did you mean `facts`?"
    assert rule.multipliers == {}


def test_a_budget_is_not_negative():
    with pytest.raises(UsageError, match=r"`budget\[facts\]` of the rule `budget` is -1"):
        made("budget", budget={"facts": -1})
