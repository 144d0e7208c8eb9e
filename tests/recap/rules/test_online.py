"""A rule as a training loop holds it: objectives, kinds, probes, steps."""

import math

import numpy as np
import pytest

from forgetscope.errors import UsageError
from tests.recap.rules.made import OBJECTIVES, OPTIONS, made, tell

STEP = dict.fromkeys(OBJECTIVES, 0.5)


def test_nothing_seen_has_no_weights():
    assert made("code").weights() == {}


def test_weights_stand_in_the_order_of_the_names():
    rule = made("code")
    tell(rule, {"math/format": 0.1, "facts/replay": 0.1, "math/accuracy": 0.1})
    assert list(rule.weights()) == ["facts/replay", "math/accuracy", "math/format"]


def test_what_was_handed_out_can_be_changed_without_harm():
    rule = made("code")
    tell(rule, STEP)
    rule.weights().clear()
    rule.state_dict()["objectives"]["math/accuracy"]["memory"].clear()
    assert set(rule.weights()) == set(OBJECTIVES)
    assert rule.state_dict()["objectives"]["math/accuracy"]["memory"] == [0.5]


@pytest.mark.parametrize("name", sorted(set(OPTIONS) - {"budget"}))
def test_a_probe_has_no_weight_and_tells_nothing_to_a_rule_without_a_budget(name):
    rule = made(name)
    tell(rule, STEP)
    before = rule.state_dict()
    rule.observe("facts/probe", 9.0, kind="loss")
    assert rule.state_dict() == before
    assert rule.multipliers == {}


def test_a_probe_has_no_weight_under_a_budget_either():
    rule = made("budget")
    rule.observe("facts/probe", 9.0, kind="loss")
    assert rule.weights() == {}
    assert rule.multipliers == {"facts": 1.0}


def test_a_step_ends_where_an_objective_is_observed_a_second_time():
    rule = made("random")
    steps = []
    for objective in ("a/x", "b/x", "a/x", "c/x", "b/x", "b/x"):
        rule.observe(objective, 0.5)
        steps.append(rule.step)
    assert steps == [0, 0, 1, 1, 1, 2]


def test_probes_and_questions_do_not_end_a_step():
    rule = made("budget")
    rule.observe("math/accuracy", 0.5)
    for _ in range(5):
        rule.observe("facts/probe", 0.5, kind="loss")
        rule.weights()
    assert rule.step == 0


def test_numbers_of_other_libraries_are_numbers():
    rule = made("code")
    rule.observe("math/accuracy", np.float32(0.5))
    rule.observe("math/format", np.array(1))
    rule.observe("facts/replay", True, kind="loss")
    assert rule.state_dict()["objectives"]["math/accuracy"]["memory"] == [0.5]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_refused_and_leaves_no_trace(value):
    rule = made("code")
    with pytest.raises(UsageError, match="`math/accuracy` was observed as") as caught:
        rule.observe("math/accuracy", value)
    assert caught.value.hint == "leave the objective out of a step that measured nothing"
    assert rule.weights() == {}


@pytest.mark.parametrize("value", [None, "much", [0.5, 0.5], 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(UsageError, match="which is no number"):
        made("code").observe("math/accuracy", value)


@pytest.mark.parametrize("objective", ["", None, 3])
def test_an_objective_has_a_name(objective):
    with pytest.raises(UsageError, match="an objective has a name"):
        made("code").observe(objective, 0.5)


def test_an_objective_keeps_its_kind():
    rule = made("code")
    rule.observe("math/accuracy", 0.5)
    with pytest.raises(UsageError, match="was a reward before and is observed as a loss"):
        rule.observe("math/accuracy", 0.5, kind="loss")


def test_an_unknown_kind_is_refused():
    with pytest.raises(UsageError, match="must be a `reward` or a `loss`"):
        made("code").observe("math/accuracy", 0.5, kind="score")


def test_a_probe_is_a_loss():
    with pytest.raises(UsageError, match="a probe is a loss"):
        made("budget").observe("facts/probe", 0.5)
