from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from math import sqrt

import pytest

from forgetscope import offline
from forgetscope.api.own_tasks import own_tasks
from forgetscope.records import OutputType, OwnTask
from forgetscope.suites import DOMAINS, load_suite

TASKS = offline.tasks(seed=1234)
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
by_choice = [task for task in TASKS if task.output_type is OutputType.MULTIPLE_CHOICE]
written = [task for task in TASKS if task.output_type is OutputType.GENERATE]


def test_the_preset_is_these_tasks_in_a_dozen_domains():
    assert own_tasks(load_suite("offline")) == TASKS
    assert len({task.domain for task in TASKS}) == 12
    assert {task.domain for task in TASKS} <= set(DOMAINS)
    assert len({task.name for task in TASKS}) == len(TASKS)


def test_the_tasks_need_neither_torch_nor_lm_eval():
    program = (
        "import sys\nfrom forgetscope import offline\noffline.tasks(seed=1)\n"
        "sys.exit(1 if {'torch', 'lm_eval', 'datasets', 'reasoning_gym'} & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_equal_seeds_ask_equal_questions_in_every_process():
    program = (
        "from forgetscope import offline\nimport zlib\n"
        "print(zlib.crc32(repr(offline.tasks(seed=7)).encode()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_other_seeds_ask_as_many_questions_but_others(seed):
    for mine, other in zip(TASKS, offline.tasks(seed=seed), strict=True):
        assert mine.name == other.name
        assert len(mine.documents) == len(other.documents)
        assert mine.documents != other.documents


@each_task
def test_no_question_comes_twice_and_no_example_is_asked(task: OwnTask):
    asked = [(d.prompt, frozenset(d.choices) if not d.prompt else ()) for d in task.documents]
    assert len(set(asked)) == len(asked)
    assert not {d.prompt for d in task.examples} & {prompt for prompt, _ in asked if prompt}
    sources = {document.cluster for document in task.examples} - {""}
    assert not sources & {document.cluster for document in task.documents}


def test_what_is_asked_by_options_is_not_asked_in_writing_as_well():
    named = {task.name: task for task in TASKS}
    for name in ("offline_sums", "offline_python"):
        prompts = {document.prompt for document in named[name].documents}
        assert not prompts & {document.prompt for document in named[f"{name}_mc"].documents}
    recalled, chosen = named["offline_recall"], named["offline_facts_mc"]
    assert not {d.cluster for d in recalled.documents} & {d.cluster for d in chosen.documents}


@pytest.mark.parametrize("task", by_choice, ids=lambda task: task.name)
def test_the_right_option_is_there_once_and_stands_anywhere(task: OwnTask):
    n = len(task.documents[0].choices)
    places = Counter()
    for document in task.documents:
        assert len(set(document.choices)) == len(document.choices) == n
        places[document.choices.index(document.gold)] += 1
    expected, total = len(task.documents) / n, len(task.documents)
    assert all(abs(places[i] - expected) < 4 * sqrt(total / n) for i in range(n))


@pytest.mark.parametrize("task", written, ids=lambda task: task.name)
def test_every_right_answer_counts_as_right(task: OwnTask):
    for document in (*task.documents, *task.examples):
        if document.demands:
            assert offline.are_met(document.demands, document.gold)
        for reading in task.readings:
            assert re.search(reading.pattern, document.gold)[1] == document.gold


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("offline_sums", " 12", "12"),
        ("offline_sums", " 7 + 5 = 12.\n", "12"),
        ("offline_sums", "The answer is -3", "-3"),
        ("offline_recall", " Paris.", "Paris"),
        ("offline_recall", " Buenos Aires\nQuestion", "Buenos Aires"),
        ("offline_python", "'WENDY'\n", "'WENDY'"),
        ("offline_unstated", "not stated", "not stated"),
    ],
)
def test_an_answer_is_read_without_what_stands_around_it(name, text, read):
    task = next(task for task in TASKS if task.name == name)
    assert re.search(task.readings[0].pattern, text)[1] == read


def test_the_value_of_each_python_expression_is_what_python_says():
    for task in TASKS:
        if task.domain != "code":
            continue
        for document in task.documents:
            expression = document.prompt.removeprefix(">>> ")
            assert repr(eval(expression)) == document.gold  # our own text, in a test


def test_sums_and_stories_come_out_right():
    named = {task.name: task for task in TASKS}
    for name in ("offline_sums", "offline_sums_mc"):
        for document in named[name].documents:
            text = re.search(r"What is ([\d +-]+)\?", document.prompt)[1]
            assert str(eval(text)) == document.gold  # digits, blanks and signs alone
    for document in named["offline_stories"].documents:
        first, more, *less = map(int, re.findall(r"\d+", document.prompt))
        assert int(document.gold) == first + more - sum(less) >= 0


def test_the_text_that_contradicts_belief_says_the_right_answer_and_not_the_truth():
    for name in ("offline_belief", "offline_belief_mc"):
        task = next(task for task in TASKS if task.name == name)
        for document in task.documents:
            text = document.prompt.split("\n")[0]
            assert f" {document.gold}." in text
            for other in set(document.choices) - {document.gold}:
                assert f" {other}." not in text


def test_half_of_the_questions_of_unstated_have_no_answer_in_the_text():
    task = next(task for task in TASKS if task.name == "offline_unstated")
    unknown = [d for d in task.documents if d.gold == "not stated"]
    assert len(unknown) == len(task.documents) / 2
    for document in unknown:
        name = re.search(r"(?:of|does) (\w+)", document.prompt.split("Question: ")[1])[1]
        assert name not in document.prompt.split("\nQuestion")[0]


@pytest.mark.parametrize(("name", "size"), [("2k", 2_000), ("8k", 8_000), ("24k", 24_000)])
def test_a_needle_stands_once_in_a_text_of_its_length_with_all_wrong_options(name, size):
    task = next(task for task in TASKS if task.name == f"offline_needle_{name}")
    for document in task.documents[::10]:
        text, question = document.prompt.split("\n\n")
        assert abs(len(text) - size) < 200
        assert text.count(f"{question} {document.gold}.") == 1
        assert all(text.count(f" {choice}.") == 1 for choice in document.choices)
    assert max(Counter(d.cluster for d in task.documents).values()) == 10
