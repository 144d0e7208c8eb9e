"""The rules `uniform` and `static`."""

import pytest

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap import make_rule
from tests.recap.rules.made import made, told


def test_uniform_weighs_all_alike_whatever_happens():
    past = {"math/accuracy": [0.0, 1.0, 0.0], "facts/replay": [9.0]}
    assert set(told(made("uniform"), past).weights().values()) == {1.0}


def test_static_keeps_the_ratios_it_was_given():
    rule = make_rule("static", weights={"math/accuracy": 3, "facts/replay": 1})
    told(rule, {"math/accuracy": [0.1, 0.9], "facts/replay": [2.0]})
    assert rule.weights() == {"facts/replay": 0.5, "math/accuracy": 1.5}


def test_static_has_mean_one_over_those_that_were_observed():
    rule = make_rule("static", weights={"math/accuracy": 3, "facts/replay": 1, "other/x": 100})
    told(rule, {"math/accuracy": [0.1], "facts/replay": [2.0]})
    assert rule.weights() == {"facts/replay": 0.5, "math/accuracy": 1.5}


def test_an_objective_without_a_weight_is_refused_and_leaves_no_trace():
    rule = make_rule("static", weights={"math/accuracy": 1})
    with pytest.raises(UnknownNameError) as caught:
        rule.observe("math/acuracy", 0.5)
    assert caught.value.message == "unknown objective of the rule `static`: `math/acuracy`"
    assert caught.value.hint == "did you mean `math/accuracy`?"
    assert rule.weights() == {}


def test_changing_the_mapping_afterwards_changes_nothing():
    weights = {"math/accuracy": 3.0, "facts/replay": 1.0}
    rule = told(make_rule("static", weights=weights), {"math/accuracy": [1], "facts/replay": [1]})
    weights["math/accuracy"] = 0.0
    rule.observe("math/accuracy", 1)
    assert rule.weights()["math/accuracy"] == 1.5


@pytest.mark.parametrize("weights", [{}, [("math/accuracy", 1)], None])
def test_static_needs_a_weight_for_every_objective(weights):
    with pytest.raises(UsageError, match="needs a weight for every objective"):
        make_rule("static", weights=weights)


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "1", True])
def test_a_weight_is_a_finite_number_that_is_not_negative(weight):
    with pytest.raises(UsageError, match=r"weights\[math/accuracy\].* at least 0"):
        make_rule("static", weights={"math/accuracy": weight})
