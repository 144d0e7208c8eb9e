"""How long an answer may be."""

import pytest

from forgetscope.errors import UsageError
from forgetscope.suites import Style, TaskChoice, cap_of

NAMES = (
    "gsm8k",
    "gsm8k_cot_zeroshot",
    "minerva_math500",
    "mmlu_pro_law",
    "ifeval",
    "drop",
    "niah_1",
)


@pytest.mark.parametrize("name", NAMES)
def test_thinking_never_shortens_an_answer_and_plain_text_keeps_the_tasks_own_cap(name):
    assert cap_of(name, Style.PLAIN) is None
    assert cap_of(name, Style.THINKING) >= cap_of(name, Style.CHAT) > 0


@pytest.mark.parametrize("name", ["aime24", "bbh_cot_fewshot", "arc_easy", "my_own_task"])
def test_a_task_without_a_cap_of_ours_keeps_its_own(name):
    assert {cap_of(name, style) for style in Style} == {None}


@pytest.mark.parametrize("top_p", [0, 1.5, -1, float("nan"), True, "0.9"])
def test_what_is_no_mass_of_tokens_is_refused(top_p):
    with pytest.raises(UsageError, match="`top_p` of task `gsm8k`"):
        TaskChoice(name="gsm8k", top_p=top_p)
