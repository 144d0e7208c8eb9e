import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.rewards import REWARDS
from forgetscope.records import Lesson

ANY = Lesson(prompt="?")
PIECES = ["<think>", "</think>", "<answer>", "</answer>", "x", " ", "\n", "<", "think>"]

# a second implementation, short and slow: the tags may stand once each
_INNER = r"(?:(?!</?(?:think|answer)>).)*"
PATTERNS = {
    "format": rf"\s*<think>{_INNER}</think>\s*<answer>{_INNER}</answer>\s*",
}


def forms(completion):
    return tuple(
        REWARDS[name](completion, ANY) for name in ("think_format", "answer_format", "format")
    )


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("<think>a</think><answer>b</answer>", (1, 1, 1)),
        (" <think>a</think>\n <answer> b </answer>\n", (1, 1, 1)),
        ("<think></think><answer>b</answer>", (1, 1, 1)),
        ("<think>a</think> b", (1, 0, 0)),
        ("<think>a</think>", (0, 0, 0)),
        ("<answer>b</answer>", (0, 1, 0)),
        ("so <answer>b</answer>", (0, 1, 0)),
        ("<answer> </answer>", (0, 0, 0)),
        ("<answer>b</answer> and so on", (0, 0, 0)),
        ("<think>a</think> so <answer>b</answer>", (1, 1, 0)),
        ("<answer>b</answer><think>a</think>", (0, 0, 0)),
        ("<think>a<think>b</think><answer>c</answer>", (0, 1, 0)),
        ("</think><think><answer>c</answer>", (0, 1, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_the_form_is_worth_one_or_nothing(completion, expected):
    assert forms(completion) == expected


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_whole_form_agrees_with_its_pattern_and_implies_both_halves(completion):
    think, answer, whole = forms(completion)
    matched = re.fullmatch(PATTERNS["format"], completion, re.DOTALL)
    inside = re.search(r"<answer>\s*</answer>", completion)
    assert whole == float(matched is not None and inside is None)
    assert whole <= min(think, answer)
