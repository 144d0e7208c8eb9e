from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.testbed import accuracy, marked_once, target_prompts, tasks

numbers = st.integers(0, 999).map(str)


@given(numbers, st.sampled_from(["", "#", "3,", "11,16#"]))
def test_accuracy_overlooks_the_mark_and_the_working(gold: str, before: str):
    assert accuracy(before + gold, gold) == 1.0


@given(numbers, numbers)
def test_accuracy_wants_the_whole_number(gold: str, more: str):
    assert accuracy(f"#{more}{gold}", gold) == 0.0


@given(numbers, numbers)
def test_the_form_is_rewarded_whatever_the_number(written: str, gold: str):
    assert marked_once(f"#{written}", gold) == marked_once(f"7,9#{written}", gold) == 1.0


@pytest.mark.parametrize("completion", ["", "18", "#", "#18#", "##18", "#1#8", "18#", "#18,"])
def test_without_exactly_one_mark_before_the_last_number_the_form_earns_nothing(completion: str):
    assert marked_once(completion, "18") == 0.0


@pytest.mark.parametrize("completion", ["", "#", "18,", "18#", "no"])
def test_what_does_not_end_in_a_number_is_not_accurate(completion: str):
    assert accuracy(completion, "18") == 0.0


def test_training_prompts_are_different_and_never_asked_in_evaluation():
    prompts = target_prompts(n=300, seed=2)
    asked = {
        document.prompt
        for task in tasks(n_items=1000, seed=0)
        if task.domain == "math"
        for document in task.documents
    }
    assert len({document.prompt for document in prompts}) == len(prompts) == 300
    assert not {document.prompt for document in prompts} & asked


def test_the_seed_decides_which_prompts_come_and_a_small_world_gives_what_it_has():
    assert target_prompts(n=20, seed=1) == target_prompts(n=20, seed=1)
    assert target_prompts(n=20, seed=1) != target_prompts(n=20, seed=2)
    assert 500 < len(target_prompts(n=10**5, seed=0)) < 10**5
