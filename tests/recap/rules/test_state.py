"""The state of a rule: plain, whole, and refused where it does not fit."""

import copy
import json

import pytest

from forgetscope.errors import UsageError
from tests.recap.rules.made import OBJECTIVES, OPTIONS, made, tell


def some_state(name="code", **options):
    rule = made(name, **options)
    tell(rule, dict.fromkeys(OBJECTIVES, 0.5), OBJECTIVES)
    return rule.state_dict()


def test_the_form_of_a_state_is_a_contract():
    rule = made("budget")
    rule.observe("facts/replay", 0.25, kind="loss")
    rule.observe("facts/probe", 0.5, kind="loss")
    assert rule.state_dict() == {
        "schema": "forgetscope.rule/1",
        "rule": "budget",
        "settings": {"budget": 0.02, "step_size": 10.0, "max_multiplier": 20.0},
        "step": 0,
        "visited": ["facts/replay"],
        "objectives": {
            "facts/probe": {"kind": "loss", "memory": [0.5, 1.0]},
            "facts/replay": {"kind": "loss", "memory": []},
        },
    }


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_state_is_what_json_makes_of_it(name):
    state = some_state(name)
    assert json.loads(json.dumps(state)) == state


def test_a_memory_is_as_long_as_two_windows_and_no_longer():
    rule = made("code", window=3)
    for step in range(50):
        rule.observe("math/accuracy", float(step))
    memory = rule.state_dict()["objectives"]["math/accuracy"]["memory"]
    assert memory == [44.0, 45.0, 46.0, 47.0, 48.0, 49.0]


def test_an_objective_declared_after_the_state_was_taken_is_there_too():
    rule = made("code", objectives=["new/replay", "math/accuracy"])
    rule.load_state_dict(some_state())
    assert set(rule.weights()) == {*OBJECTIVES, "new/replay"}


def test_the_state_of_another_rule_is_refused():
    with pytest.raises(UsageError, match="the state is of the rule `code`, this rule is `paper`"):
        made("paper").load_state_dict(some_state())


def test_the_state_of_other_settings_is_refused_and_changes_nothing():
    rule = made("code", window=20)
    rule.observe("a/x", 0.5)
    before = rule.state_dict()
    with pytest.raises(UsageError, match="with `window` 10; here it is 20") as caught:
        rule.load_state_dict(some_state())
    assert caught.value.hint == "make the rule with the settings of the run that is resumed"
    assert rule.state_dict() == before


def test_whether_a_setting_was_written_as_a_whole_number_does_not_matter():
    made("code", temperature=5).load_state_dict(some_state("code", temperature=5.0))


@pytest.mark.parametrize(
    "state",
    [None, {}, [], "state", {"rule": "code"}, {"schema": "forgetscope.rule/1", "rule": "code"}],
)
def test_what_is_no_state_is_refused(state):
    with pytest.raises(UsageError, match="no state of a weighting rule"):
        made("code").load_state_dict(state)


@pytest.mark.parametrize("key", ["schema", "rule", "settings", "step", "visited", "objectives"])
def test_a_state_with_a_part_missing_is_refused(key):
    state = some_state()
    del state[key]
    with pytest.raises(UsageError, match="a part is missing"):
        made("code").load_state_dict(state)


@pytest.mark.parametrize("step", ["first", None])
def test_a_step_that_is_no_number_is_refused(step):
    with pytest.raises(UsageError, match="no state of a weighting rule"):
        made("code").load_state_dict(some_state() | {"step": step})


def test_a_later_schema_is_refused():
    with pytest.raises(UsageError, match=r"schema `forgetscope\.rule/2`, not"):
        made("code").load_state_dict(some_state() | {"schema": "forgetscope.rule/2"})


@pytest.mark.parametrize("broken", [{"kind": "score"}, {"memory": [float("nan")]}])
def test_a_broken_memory_is_refused(broken):
    state = copy.deepcopy(some_state())
    state["objectives"]["math/accuracy"].update(broken)
    with pytest.raises(UsageError, match="the state of `math/accuracy` is broken"):
        made("code").load_state_dict(state)
