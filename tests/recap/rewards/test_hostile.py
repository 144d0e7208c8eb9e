"""What a model may write: every reward copes, in bounded time, and gives it nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap import gym
from forgetscope.recap.rewards import ENTRY, REWARDS, Verifier, find_reward
from forgetscope.records import Lesson

LESSONS = {
    "iou": Lesson(prompt="?", gold="[0, 0, 2, 2]"),
    "choice": Lesson(prompt="?", gold="cat", fields={"choices": ("cat", "dog")}),
    "exact": Lesson(prompt="?", gold="cat"),
    "accuracy": Lesson(prompt="?", gold="\\frac{7}{11}"),
}
QUICK = [name for name in REWARDS if name != "accuracy"]
HOSTILE = {
    "a megabyte of nothing": "x" * 1_000_000,
    "a megabyte of spaces": " " * 1_000_000,
    "a megabyte of digits": "9" * 1_000_000,
    "unclosed tags": "<answer>" * 100_000,
    "unopened tags": "</answer>" * 100_000,
    "nested tags": "<think>" * 50_000 + "</think>" * 50_000,
    "unbalanced braces": "\\boxed{" * 50_000,
    "deep nesting": "(" * 100_000 + ")" * 100_000,
    "many dollars": "$" * 100_000,
    "lists": "[0, 0, 2" * 50_000,
    "control characters": "\x00\x1b[31m\x07\u202e\ud800" * 1000,
    "lines": "\n" * 1_000_000,
    "words": "answer is " * 100_000,
}
TOWERS = ["9**9**9", "9^9^9^9", "\\boxed{9^{9^{9^9}}}"]


def _needs_libraries():
    pytest.importorskip("math_verify", reason="math-verify is absent: NOT tested")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", QUICK)
def test_hostile_text_is_judged_at_once(name, text):
    reward = find_reward(name)
    start = time.process_time()
    assert reward(text, LESSONS.get(name, LESSONS["exact"])) == 0
    assert time.process_time() - start < 1


@given(st.text(st.characters(), max_size=200), st.sampled_from(QUICK))
def test_any_text_has_a_worth_from_0_to_1(text, name):
    assert 0 <= find_reward(name)(text, LESSONS.get(name, LESSONS["exact"])) <= 1


@pytest.mark.parametrize("text", [*HOSTILE.values(), TOWERS[-1]], ids=[*HOSTILE, "a tower"])
def test_hostile_mathematics_ends(text):
    _needs_libraries()
    start = time.monotonic()
    assert find_reward("accuracy")(text, LESSONS["accuracy"]) == 0
    assert time.monotonic() - start < 60  # the bound is 3 seconds; a busy machine starts slowly


@pytest.mark.parametrize("task", ["chain_sum", "countdown", "word_sorting", "n_queens"])
def test_hostile_answers_to_puzzles_end(task):
    pytest.importorskip("reasoning_gym", reason="reasoning-gym is absent: NOT tested")
    entry = next(gym.entries(task, {}, seed=0))
    lesson = Lesson(prompt=entry["question"], gold=entry["answer"], fields={ENTRY: entry})
    verifier = Verifier(task=task)
    for text in (*HOSTILE.values(), *TOWERS):
        for completion in (text, f"<answer>{text}</answer>"):
            assert verifier(completion, lesson) <= 0.05
    assert verifier(f"<answer>{entry['answer']}</answer>", lesson) == 1
