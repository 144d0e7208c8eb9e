from __future__ import annotations

import pytest

from forgetscope.errors import UnknownNameError
from forgetscope.recap import METHODS, Recipe, make_rule, method_of


def test_the_methods_are_those_of_the_command():
    assert list(METHODS) == ["grpo", "grpo-kl", "replay", "recap", "random", "static"]


def test_methods_of_the_target_alone_have_no_rule_and_replay_nothing():
    alone = {name for name, method in METHODS.items() if not method.replays}
    assert alone == {"grpo", "grpo-kl"}
    assert all(Recipe(method=name).rule_name == "" for name in alone)


def test_the_kl_penalty_alone_tells_the_two_methods_of_the_target_apart():
    assert {name for name, method in METHODS.items() if method.beta} == {"grpo-kl"}


@pytest.mark.parametrize(
    ("method", "asked", "used"),
    [
        ("recap", {}, "code"),
        ("recap", {"name": "budget"}, "budget"),
        ("replay", {"name": "budget"}, "uniform"),
        ("random", {}, "random"),
        ("static", {"name": "static"}, "static"),
        ("grpo", {"name": "code"}, ""),
    ],
)
def test_a_method_with_a_rule_of_its_own_keeps_it(method: str, asked: dict, used: str):
    assert Recipe(method=method, rule=asked).rule_name == used


def test_options_of_another_rule_are_not_taken():
    asked = {"name": "budget", "budget": 0.1}
    assert Recipe(method="recap", rule=asked).rule_options == {"budget": 0.1}
    assert Recipe(method="random", rule=asked).rule_options == {}
    assert Recipe(method="random", rule={"spread": 0.5}).rule_options == {"spread": 0.5}


def test_every_method_names_a_rule_that_exists():
    for name in METHODS:
        rule = Recipe(method=name).rule_name
        if rule and rule != "static":  # which needs its weights
            assert make_rule(rule, seed=0).name == rule


def test_a_misspelt_method_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        method_of("recp")
    assert "recap" in (caught.value.hint or "")
