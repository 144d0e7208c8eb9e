import math
import sys

import numpy as np
import pytest

from forgetscope.errors import TrainingError, UnknownNameError, UsageError
from forgetscope.recap.rewards import Checked, find_reward
from forgetscope.records import Lesson

LESSON = Lesson(prompt="2+2?", gold="4", fields={"level": 3})

MODULE = """
from forgetscope.records import Lesson

def close(completion, gold):
    return 1.0 if gold in completion else 0.25

def by_name(completion, lesson):
    return lesson.fields["level"] / 10

def by_type(completion, other: Lesson):
    return lesson_level(other)

def lesson_level(lesson, _=None):
    return lesson.fields["level"] / 10

def of_one(completion):
    return 1.0

def of_three(completion, gold, more):
    return 1.0

any_number = lambda *given: len(given) / 2
constant = 3
"""


def always(value):
    return lambda *_: value


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module in the folder in which the command is called."""
    (tmp_path / "my_rewards.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    yield "my_rewards"
    sys.modules.pop("my_rewards", None)


@pytest.mark.parametrize(
    ("name", "worth"), [("close", 1.0), ("by_name", 0.3), ("by_type", 0.3), ("any_number", 1.0)]
)
def test_any_function_of_a_module_is_a_reward(module, name, worth):
    assert find_reward(f"{module}:{name}")("4", LESSON) == worth


def test_looking_for_a_module_leaves_the_path_as_it_was(module):
    before = list(sys.path)
    find_reward(f"{module}:close")
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("my_rewards:clse", UnknownNameError, "clse"),
        ("my_rewards:constant", UsageError, "no function"),
        ("my_rewards:of_one", UsageError, "two arguments"),
        ("my_rewards:of_three", UsageError, "two arguments"),
        ("no_such_module:close", UsageError, "no_such_module"),
        ("exat", UnknownNameError, "exat"),
        ("../x:y", UnknownNameError, "x:y"),
    ],
)
@pytest.mark.usefixtures("module")
def test_a_reward_that_cannot_be_used_is_named(name, error, message):
    with pytest.raises(error) as caught:
        find_reward(name)
    assert message in caught.value.message
    assert isinstance(caught.value, UsageError)


def test_a_typing_error_is_answered_with_what_was_meant():
    with pytest.raises(UnknownNameError) as caught:
        find_reward("exat")
    assert caught.value.hint == "did you mean `exact`?"


def test_rewards_of_the_source_come_first():
    reward = find_reward("exact", own={"exact": always(0.5)})
    assert reward("4", LESSON) == 0.5


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -0.1, 1.01, None, "one", [1.0, 2.0], np.array([1.0, 0.0])]
)
def test_anything_but_a_number_from_0_to_1_is_an_error_that_names_the_reward(value):
    reward = Checked(name="mine", reward=always(value))
    with pytest.raises(TrainingError, match="`mine` returned"):
        reward("4", LESSON)


@pytest.mark.parametrize("value", [0, 1, True, 0.5, np.float32(0.25), np.int64(1)])
def test_numbers_of_any_kind_are_taken(value):
    worth = Checked(name="mine", reward=always(value))("4", LESSON)
    assert type(worth) is float
    assert worth == float(value)


def test_a_reward_that_fails_names_itself_and_the_prompt_without_its_control_characters():
    def fails(*_):
        raise KeyError("\x1b[2J")

    with pytest.raises(TrainingError) as caught:
        Checked(name="mine", reward=fails)("4", Lesson(prompt="red\x1b[31m" + "x" * 500))
    assert "`mine`" in caught.value.message
    assert "red\\x1b[31m" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 300


def test_without_math_verify_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(TrainingError) as caught:
        find_reward("accuracy")
    assert "forgetscope[gym]" in (caught.value.hint or "")
