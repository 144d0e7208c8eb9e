"""The offline tasks go the way of all tasks: loaded, built, judged."""

import math
from collections import defaultdict

import pytest

from forgetscope import offline
from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import build, judge, load_tasks
from forgetscope.records import Answer, OutputType, StopReason
from forgetscope.suites import Suite, TaskChoice, load_suite

OWN = offline.tasks(seed=1234, n_items=6)


@pytest.fixture(scope="module")
def built():
    loaded = load_tasks(load_suite("offline"), own=OWN)
    return {each.task.name: build(each, seed=1234) for each in loaded}


def _loaded(name, **changes):
    suite = Suite(name="test", choices=(TaskChoice(name=name, **changes),))
    (loaded,) = load_tasks(suite, own=OWN)
    return loaded


def _answers(built, text):
    return {
        request.id: Answer(
            request_id=request.id, text=text, n_tokens=1, stop_reason=StopReason.STOP
        )
        for request in built.requests
    }


def test_every_task_is_built_with_its_chance(built):
    assert set(built) == {task.name for task in OWN}
    for each in built.values():
        assert len(each.items) == 6
        task, item = each.loaded.task, each.items[0]
        if task.output_type is OutputType.MULTIPLE_CHOICE:
            assert item.chance == 1 / len(item.choices)
            assert task.metric == "acc"
        else:
            assert item.chance == 0
            assert task.partner is not None
        assert each.loaded.is_local


def test_the_examples_stand_before_each_question_and_are_the_same_for_all(built):
    for task in OWN:
        for item in built[task.name].items:
            asked = next(d.prompt for d in task.documents if item.prompt.endswith(d.prompt))
            shown = [f"{d.prompt}{task.delimiter}{d.gold}\n\n" for d in task.examples]
            assert item.prompt == "".join((*shown, asked))


def test_a_suite_may_want_fewer_examples_and_not_more():
    few = build(_loaded("offline_sums", shots=1), seed=0).items[0].prompt
    assert few.count("Question:") == 2
    assert build(_loaded("offline_sums", shots=0), seed=0).items[0].prompt.count("Question:") == 1
    with pytest.raises(UsageError, match="has 3 few-shot examples"):
        _loaded("offline_sums", shots=4)


def test_with_a_chat_template_the_examples_are_turns():
    def render(messages, **_options):
        return "".join(f"<{m['role']}>{m['content']}" for m in messages)

    prompt = build(_loaded("offline_recall"), seed=0, render_chat=render).items[0].prompt
    assert prompt.count("<user>") == 4
    assert prompt.count("<assistant>") == 3


def test_right_answers_in_writing_score_1_and_others_0(built):
    for task in OWN:
        if task.output_type is not OutputType.GENERATE:
            continue
        each = built[task.name]
        golds = {item.id: item.gold for item in each.items}
        right = {
            request.id: Answer(
                request_id=request.id,
                text=f" {golds[request.item_id]}",
                n_tokens=1,
                stop_reason=StopReason.STOP,
            )
            for request in each.requests
        }
        assert [score.value for score in judge(each, right)] == [1.0] * 6
        if task.name != "offline_instruction":  # whatever one says may follow some of them
            wrong = judge(each, _answers(each, "nonsense, -77"))
            assert {score.value for score in wrong} == {0.0}


def test_an_instruction_followed_within_politeness_counts_loosely(built):
    each = built["offline_json"]
    golds = {item.id: item.gold for item in each.items}
    answers = {
        request.id: Answer(
            request_id=request.id,
            text=f"Here you are:\n{golds[request.item_id]}",
            n_tokens=1,
            stop_reason=StopReason.STOP,
        )
        for request in each.requests
    }
    for score in judge(each, answers):
        assert score.value == 0.0
        assert score.others == {"loosely_followed,none": 1.0}


def test_a_model_that_likes_the_right_options_best_scores_1(built):
    for task in OWN:
        if task.output_type is not OutputType.MULTIPLE_CHOICE:
            continue
        each = built[task.name]
        golds = {item.id: item.gold for item in each.items}
        answers = {
            request.id: Answer(
                request_id=request.id,
                logprob=-float(request.continuation.strip() != golds[request.item_id]),
                is_greedy=False,
                n_tokens=1,
            )
            for request in each.requests
        }
        assert [score.value for score in judge(each, answers)] == [1.0] * 6


def test_the_questions_about_one_text_are_one_cluster(built):
    of_text = defaultdict(set)
    for item in built["offline_needle_2k"].items:
        of_text[item.cluster].add(item.id)
    assert [len(ids) for ids in of_text.values()] == [6]
    assert len({item.cluster for item in built["offline_sums"].items}) == 6
    assert not any(math.isnan(item.chance) for item in built["offline_sums"].items)
