"""Making a rule: names, options, and what is refused."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields

import pytest

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap import Rule, RuleOptions, make_rule
from forgetscope.recap.rule import RULES
from tests.recap.rules.made import OPTIONS, made

WRONG = [
    ("code", {"window": 0}, "`window` of the rule `code` is 0; it must be a whole number, at"),
    ("code", {"window": 2.5}, "`window` of the rule `code` is 2.5; it must be a whole number"),
    ("code", {"window": True}, "`window` of the rule `code` is True; it must be a whole number"),
    ("code", {"temperature": 0}, "is 0; it must be a finite number above 0"),
    ("code", {"temperature": "1"}, "is '1'; it must be a finite number above 0"),
    ("code", {"temperature": float("nan")}, "is nan; it must be a finite number above 0"),
    ("code", {"temperature": float("inf")}, "is inf; it must be a finite number above 0"),
    ("code", {"alpha": 1.5}, "is 1.5; it must be a number from 0 to 1"),
    ("code", {"alpha": None}, "is None; it must be a number from 0 to 1"),
    ("code", {"anneal_steps": 0}, "`anneal_steps` of the rule `code` is 0"),
    ("code", {"floor": -0.1}, "is -0.1; it must be a finite number, at least 0"),
    ("code", {"max_ratio": 0.5}, "is 0.5; it must be a finite number, at least 1"),
    ("paper", {"alpha": -1}, "`alpha` of the rule `paper` is -1"),
    ("paper", {"ceiling": float("inf")}, "is inf; it must be a finite number"),
    ("advantage", {"floor": 0}, "is 0; it must be a finite number above 0"),
    ("budget", {"budget": -0.1}, "`budget` of the rule `budget` is -0.1"),
    ("budget", {"step_size": 0}, "`step_size` of the rule `budget` is 0"),
    ("budget", {"max_multiplier": 0.5}, "`max_multiplier` of the rule `budget` is 0.5"),
    ("random", {"spread": -1}, "`spread` of the rule `random` is -1"),
    ("random", {"seed": -1}, "`seed` of the rule `random` is -1"),
    ("random", {"hold_steps": 0}, "`hold_steps` of the rule `random` is 0"),
]


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_rule_is_one(name):
    assert isinstance(made(name), Rule)


def test_the_names_of_the_rules_are_a_contract():
    assert sorted(RULES) == sorted(OPTIONS)
    assert set(RULES) == {"code", "paper", "advantage", "budget", "uniform", "static", "random"}


def test_every_option_is_a_field_of_some_record_and_the_other_way_round():
    known = {f.name for record in RULES.values() for f in fields(record)}
    assert set(RuleOptions.__annotations__) == known | {"objectives"}


def test_the_published_defaults():
    for name in ("code", "paper"):
        settings = made(name).state_dict()["settings"]
        assert (settings["window"], settings["temperature"], settings["floor"]) == (10, 5.0, 0.0)
    assert made("code").state_dict()["settings"]["alpha"] == 0.5
    assert made("paper").state_dict()["settings"]["alpha"] is None


def test_an_unknown_rule_is_named_with_the_nearest_one():
    with pytest.raises(UnknownNameError) as caught:
        make_rule("advantages")
    assert caught.value.message == "unknown rule `advantages`"
    assert caught.value.hint == "did you mean `advantage`?"


def test_an_unknown_option_is_named_with_the_nearest_one():
    with pytest.raises(UnknownNameError) as caught:
        make_rule("code", temprature=1.0)
    assert caught.value.message == "unknown option of the rule `code`: `temprature`"
    assert caught.value.hint == "did you mean `temperature`?"


def test_an_option_of_other_rules_is_refused_with_their_names():
    with pytest.raises(UsageError) as caught:
        make_rule("budget", temperature=1.0)
    assert caught.value.message == (
        "the rule `budget` has no option `temperature`; it belongs to `code`, `paper`, `advantage`"
    )
    assert caught.value.hint == "`budget` takes budget, step_size, max_multiplier, objectives"


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_rule_takes_a_seed_so_that_one_call_serves_all(name):
    assert made(name, seed=3).name == name


@pytest.mark.parametrize(("name", "option", "message"), WRONG)
def test_a_value_out_of_range_is_refused_with_its_range(name, option, message):
    with pytest.raises(UsageError) as caught:
        make_rule(name, **({"seed": 0} | option))
    assert message in caught.value.message


def test_a_sign_is_one_of_two():
    with pytest.raises(UnknownNameError) as caught:
        make_rule("code", sign="laging")
    assert caught.value.message == "unknown `sign` of the rule `code`: `laging`"
    assert caught.value.hint == "did you mean `lagging` or `leading`?"


def test_objectives_are_a_list():
    with pytest.raises(UsageError, match="list of names"):
        make_rule("code", objectives="math/accuracy")


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        made("code").formula.window = 3


def test_a_rule_loads_neither_torch_nor_trl():
    code = (
        "import sys\n"
        "from forgetscope.recap import make_rule\n"
        "make_rule('code').observe('math/accuracy', 0.5)\n"
        "assert not {'torch', 'trl', 'transformers', 'datasets'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
