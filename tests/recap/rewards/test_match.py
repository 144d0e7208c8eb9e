import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.rewards import find_reward
from forgetscope.records import Lesson

exact, choice = find_reward("exact"), find_reward("choice")


def asked(gold, *choices):
    return Lesson(prompt="?", gold=gold, fields={"choices": choices} if choices else {})


@given(st.text(max_size=30))
def test_the_right_answer_is_exact_whatever_it_is(text):
    assert exact(text, asked(text)) == 1
    assert exact(f"  {text.upper()}\n", asked(text.upper())) == 1


@pytest.mark.parametrize(
    ("completion", "gold", "worth"),
    [
        ("paris", "Paris", 1),
        ("Ｐａｒｉｓ", "Paris", 1),
        ("Mount\nEverest.", "mount everest", 1),
        ("I think <answer> Paris </answer>", "Paris", 1),
        ("Paris, France", "Paris", 0),
        ("}])", "}])", 1),
        ("}]", "}])", 0),
        ("", "Paris", 0),
        ("<answer>Rome</answer> Paris", "Paris", 0),
    ],
)
def test_only_case_width_and_white_space_are_overlooked(completion, gold, worth):
    assert exact(completion, asked(gold)) == worth


@pytest.mark.parametrize("gold", ["B", "lion"])
@pytest.mark.parametrize(
    "completion",
    ["B", "b", "(B)", "B.", "B) lion", "lion", "Lion.", "The answer is B", "answer: (b)", "**B**",
     "a long thought about cats\nlion", "<answer>B</answer>"],
)  # fmt: skip
def test_an_option_is_named_by_letter_or_in_words(completion, gold):
    assert choice(completion, asked(gold, "cat", "lion", "dog")) == 1


@pytest.mark.parametrize(
    "completion",
    ["A", "cat", "", "A lion", "lion or cat", "E", "the answer is unknown", "D) lion", "\x00B\x1b"],
)
def test_another_option_or_none_is_worth_nothing(completion):
    assert choice(completion, asked("lion", "cat", "lion", "dog")) == 0


def test_an_option_that_is_a_letter_is_meant_in_words():
    assert choice("A", asked("A", "B", "A")) == 1
    assert choice("B", asked("A", "B", "A")) == 0


def test_without_options_letters_are_compared():
    assert choice("The answer is (C).", asked("c")) == 1
    assert choice("B", asked("c")) == 0
