import pytest

from forgetscope.recap.rewards import find_reward
from forgetscope.records import Lesson

pytest.importorskip(
    "math_verify", reason="math-verify is absent: the reward `accuracy` is NOT tested"
)

accuracy = find_reward("accuracy")


def worth(completion, gold):
    return accuracy(completion, Lesson(prompt="?", gold=gold))


@pytest.mark.parametrize(
    ("completion", "gold"),
    [
        ("18", "18"),
        ("so it is 18.0", "18"),
        ("\\boxed{\\frac{1}{2}}", "0.5"),
        ("that makes $0.5$", "\\frac{1}{2}"),
        ("<think>17?</think><answer>18</answer>", "18"),
        ("<answer>1,000</answer>", "1000"),
        ("16 + 2 = 18\n#### 18", "They are 16 + 2 = <<16+2=18>>18.\n#### 18"),
        ("The final answer is $x = 3$.", "3"),
        ("$2x + x$", "$3x$"),
        ("Paris", "paris"),
        ("5 + 7 = 12", "12"),
        ("-3", "-3"),
    ],
)
def test_one_value_in_many_forms(completion, gold):
    assert worth(completion, gold) == 1


@pytest.mark.parametrize(
    ("completion", "gold"),
    [
        ("17", "18"),
        ("", "18"),
        ("no idea", "18"),
        ("<answer>17</answer> or 18", "18"),
        ("Pairs", "Paris"),
        ("$Pairs$", "Paris"),
        ("1/0", "18"),
        ("nan", "18"),
        ("To calculate 5 + 7, we need to add the numbers", "12"),
        ("16 + 2", "18"),
        ("$9 \\times 2$", "18"),
        ("20 - 2", "18"),
    ],
)
def test_another_value_or_none(completion, gold):
    assert worth(completion, gold) == 0
