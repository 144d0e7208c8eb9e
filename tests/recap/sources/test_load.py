import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import DataError, UnknownNameError, UsageError
from forgetscope.recap.sources import load_source, load_sources, parse_source
from forgetscope.recap.sources.divide import divide
from forgetscope.records import Lesson, Role
from forgetscope.testbed import domains, tasks

GENERAL = [domain.name for domain in domains() if domain.role is Role.GENERAL]


@st.composite
def some_lessons(draw):
    prompts = draw(st.lists(st.integers(0, 30).map(str), min_size=1, max_size=80))
    return [Lesson(prompt=p, gold=str(number)) for number, p in enumerate(prompts)]


@given(some_lessons(), st.one_of(st.none(), st.integers(1, 90)), st.integers(0, 20))
def test_a_probe_shares_no_prompt_with_the_lessons_and_nothing_is_lost(lessons, n, n_held_out):
    whole = divide(lessons, n=None, n_held_out=n_held_out, seed=1)
    part = divide(lessons, n=n, n_held_out=n_held_out, seed=1)
    assert not {x.prompt for x in part.lessons} & {x.prompt for x in part.held_out}
    assert part.held_out == whole.held_out
    assert part.lessons == whole.lessons[: len(part.lessons)]
    assert {x.prompt for x in (*whole.lessons, *whole.held_out)} == {x.prompt for x in lessons}
    assert len(part.held_out) <= n_held_out


def test_the_order_belongs_to_the_seed():
    lessons = [Lesson(prompt=str(i), gold="1") for i in range(50)]
    first, again, other = (divide(lessons, n=None, n_held_out=5, seed=s) for s in (0, 0, 1))
    assert first == again
    assert first.lessons != other.lessons


def test_the_target_of_the_testbed_has_its_two_rewards():
    material = load_source("testbed:math?n=10", seed=0)
    assert (material.domain, list(material.rewards)) == ("math", ["accuracy", "format"])
    lesson = material.lessons[0]
    accuracy, form = material.rewards["accuracy"], material.rewards["format"]
    assert (accuracy(f"#{lesson.gold}", lesson), form(f"#{lesson.gold}", lesson)) == (1, 1)
    assert (accuracy(lesson.gold, lesson), form(lesson.gold, lesson)) == (1, 0)


def test_every_general_domain_of_the_testbed_is_replayed_by_imitation():
    materials = load_sources(["testbed:general?n=10"], seed=0, is_replay=True)
    assert [material.domain for material in materials] == GENERAL
    for material in materials:
        assert material.is_supervised
        assert not material.rewards
        assert len(material.lessons) == 10
        assert all(lesson.text for lesson in material.lessons)


def test_a_general_domain_is_rewarded_for_the_answer_alone():
    material = load_source("testbed:language?n=5&as=reward", seed=0, is_replay=True)
    lesson = material.lessons[0]
    assert list(material.rewards) == ["exact"]
    assert material.rewards["exact"](lesson.gold, lesson) == 1
    assert material.rewards["exact"](lesson.gold + "}", lesson) == 0


def test_no_lesson_of_the_testbed_is_a_question_of_its_tasks():
    asked = {document.prompt for task in tasks() for document in task.documents}
    for material in load_sources(["testbed:math", "testbed:general"], seed=0):
        lessons = (*material.lessons, *material.held_out)
        assert not asked & {lesson.prompt for lesson in lessons}


def test_an_unknown_domain_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        load_source("testbed:langage", seed=0)
    assert "`language`" in (caught.value.hint or "")


def test_several_domains_do_not_fit_one_material():
    with pytest.raises(UsageError, match="domains"):
        load_source("testbed:general", seed=0)


def test_keys_of_the_source_win_over_the_call():
    material = load_source("testbed:math?n=7&seed=5&domain=sums&reward=format", seed=0, n=3)
    assert (len(material.lessons), material.seed, material.domain) == (7, 5, "sums")
    assert list(material.rewards) == ["format"]


@pytest.mark.parametrize(
    ("keys", "is_replay", "is_supervised", "rewards"),
    [
        ("", False, False, ["exact"]),
        ("", True, True, []),
        ("?as=reward", True, False, ["exact"]),
        ("?reward=choice", True, False, ["choice"]),
        ("?as=loss", True, True, []),
        ("?domain=math", False, False, ["accuracy"]),
    ],
)
def test_what_is_done_with_a_source_follows_the_table(
    tmp_path, keys, is_replay, is_supervised, rewards
):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "?", "answer": "B"}))
    material = load_source(f"jsonl:{path}{keys}", seed=0, is_replay=is_replay)
    assert material.is_supervised is is_supervised
    assert list(material.rewards) == rewards


def test_lessons_with_options_are_rewarded_for_the_choice(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "?", "answer": "cat", "choices": ["cat", "dog"]}))
    assert list(load_source(f"jsonl:{path}", seed=0).rewards) == ["choice"]


def test_what_is_trained_for_is_not_imitated():
    with pytest.raises(UsageError, match="rewarded"):
        load_source("testbed:math?as=loss", seed=0)


def test_lessons_without_what_they_are_used_for_are_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "?"}))
    with pytest.raises(DataError, match="no answer to imitate"):
        load_source(f"jsonl:{path}", seed=0, is_replay=True)
    with pytest.raises(DataError, match="no right answer"):
        load_source(f"jsonl:{path}", seed=0)
    assert load_source(f"jsonl:{path}?reward=format", seed=0).lessons
    path.write_text(json.dumps({"text": "once"}))
    with pytest.raises(UsageError, match="plain texts"):
        load_source(f"jsonl:{path}", seed=0)


def test_tasks_of_lm_eval_come_through_the_given_reader():
    read = {"arc_easy": [Lesson(prompt="?", gold="a", fields={"choices": ("a", "b")})]}
    material = load_source("task:arc_easy", seed=0, task_lessons=read.__getitem__)
    assert (material.domain, list(material.rewards)) == ("knowledge", ["choice"])
    with pytest.raises(UsageError, match="task_lessons"):
        load_source("task:arc_easy", seed=0)


def test_reading_sources_loads_neither_torch_nor_trl():
    code = (
        "import sys; from forgetscope.recap import sources, rewards, overlap; "
        "sources.parse_source('gym:chain_sum'); "
        "sys.exit(bool({'torch', 'trl', 'lm_eval', 'reasoning_gym'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_ending_stands_behind_every_prompt_of_lessons_and_probe():
    plain = load_source("testbed:reading?n=20", seed=0)
    ended = load_source("testbed:reading?n=20&ending=%0AAnswer:", seed=0)
    assert all(lesson.prompt.endswith("\nAnswer:") for lesson in (*ended.lessons, *ended.held_out))
    assert {lesson.prompt for lesson in plain.lessons + plain.held_out} & {
        lesson.prompt.removesuffix("\nAnswer:") for lesson in ended.lessons + ended.held_out
    }
    assert parse_source(ended.spec.text) == ended.spec
