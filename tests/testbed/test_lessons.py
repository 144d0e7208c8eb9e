from __future__ import annotations

import pytest

from forgetscope.errors import UnknownNameError
from forgetscope.testbed import DomainMix, domains, tasks, training_rows

NAMES = [domain.name for domain in domains()]
TASKS = tasks()
ASKED = {
    name: {d.prompt for task in TASKS if task.domain == name for d in task.documents}
    for name in NAMES
}


@pytest.mark.parametrize("name", NAMES)
def test_lessons_are_different_and_never_asked_in_evaluation(name: str):
    lessons = training_rows(name, n=200, seed=3)
    assert len({lesson.prompt for lesson in lessons}) == len(lessons) == 200
    assert not {lesson.prompt for lesson in lessons} & ASKED[name]
    assert all(lesson.gold and lesson.answer for lesson in lessons)


def test_the_seed_decides_which_lessons_come_and_the_mix_what_they_are():
    assert training_rows("logic", n=20, seed=1) == training_rows("logic", n=20, seed=1)
    assert training_rows("logic", n=20, seed=1) != training_rows("logic", n=20, seed=2)
    near = training_rows("logic", n=20, seed=1, mix=DomainMix(on_surface=1.0))
    assert all("+" in lesson.prompt for lesson in near)


def test_only_sums_are_taught_in_another_form_than_the_right_answer_itself():
    for name in NAMES:
        lessons = training_rows(name, n=100, seed=0)
        assert all(lesson.answer == lesson.gold for lesson in lessons) == (name != "math")


def test_a_small_world_gives_the_lessons_it_has():
    assert len(training_rows("knowledge", n=10**5, seed=0)) == 512


def test_a_domain_nobody_knows_is_refused_by_name():
    with pytest.raises(UnknownNameError, match="knowlege"):
        training_rows("knowlege", n=1, seed=0)
