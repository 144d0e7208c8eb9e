from __future__ import annotations

import itertools
import random
import re

import pytest

from forgetscope.records import OutputType, OwnTask, Role
from forgetscope.testbed import domains, tasks
from forgetscope.testbed.domains import rows

TASKS = tasks(n_items=120, seed=4)
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
by_choice = [task for task in TASKS if task.output_type is OutputType.MULTIPLE_CHOICE]


def test_every_domain_is_asked_in_words_and_five_also_by_choice():
    written = {task.domain for task in TASKS if task.output_type is OutputType.GENERATE}
    assert written == {domain.name for domain in domains()}
    assert {task.domain for task in by_choice} == {
        "knowledge",
        "reading",
        "instruction",
        "language",
        "logic",
    }
    assert len({task.name for task in TASKS}) == len(TASKS)
    assert {task.domain for task in TASKS if task.role is Role.TARGET} == {"math"}


@each_task
def test_no_question_of_a_task_can_have_been_trained_on(task: OwnTask):
    domain = next(domain for domain in domains() if domain.name == task.domain)
    trained = itertools.islice(rows(domain, random.Random(1), held_out=False), 5000)
    prompts = [document.prompt for document in task.documents]
    assert not set(prompts) & {row.prompt for row in trained}
    assert len(set(prompts)) == len(prompts)


@each_task
def test_equal_seeds_ask_equal_questions_and_others_do_not(task: OwnTask):
    named = {seed: {t.name: t for t in tasks(n_items=120, seed=seed)} for seed in (4, 5)}
    assert named[4][task.name] == task
    assert named[5][task.name] != task


@pytest.mark.parametrize("task", by_choice, ids=lambda task: task.name)
def test_a_choice_offers_four_different_options_of_one_length_and_the_right_one(task: OwnTask):
    places = set()
    for document in task.documents:
        assert len(set(document.choices)) == 4
        assert len({len(choice) for choice in document.choices}) == 1
        places.add(document.choices.index(document.gold))
    assert places == {0, 1, 2, 3}, "the right option stands anywhere"


@pytest.mark.parametrize("task", by_choice, ids=lambda task: task.name)
def test_a_quarter_of_the_questions_are_asked_by_choice_as_well(task: OwnTask):
    written = next(t for t in TASKS if t.name == task.name.removesuffix("_mc"))
    assert [(d.prompt, d.gold) for d in task.documents] == [
        (d.prompt, d.gold) for d in written.documents[: len(written.documents) // 4]
    ]


def test_half_of_the_instructions_stand_on_the_targets_surface():
    task = next(task for task in TASKS if task.name == "testbed_instruction")
    share = sum("+" in document.prompt for document in task.documents) / len(task.documents)
    assert share == pytest.approx(0.5, abs=0.15)


@each_task
def test_the_strict_reading_comes_first_and_both_stop_at_a_line_feed(task: OwnTask):
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        assert task.readings == ()
        return
    assert [reading.name for reading in task.readings] == ["strict", "lenient"]
    assert all(re.compile(reading.pattern).groups == 1 for reading in task.readings)
    assert task.stops == ("\n",)


def test_questions_about_one_fact_share_a_cluster():
    asked = [task for task in TASKS if task.domain == "knowledge"]
    for task in asked:
        for document in task.documents:
            assert document.cluster == document.prompt[1:3]
