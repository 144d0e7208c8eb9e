from collections import Counter

import lm_eval.tasks
import pytest

from forgetscope.evaluation.harness import build, load_tasks
from forgetscope.records import Document, OutputType, OwnTask, Reading, RequestKind
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import TASKS


def _load(mirror, *names, **changes):
    choices = tuple(TaskChoice(name=name, **changes) for name in names)
    return load_tasks(Suite(name="test", choices=choices), data_dir=mirror)


@pytest.mark.parametrize("name", TASKS)
def test_requests_are_those_of_stock_lm_eval(mirror, name):
    (loaded,) = _load(mirror, name)
    built = build(loaded, seed=1234)
    (again,) = _load(mirror, name)
    again.lm_task.set_fewshot_seed(1234)
    again.lm_task.build_all_requests(limit=None, rank=0, world_size=1)
    stock = [tuple(instance.args[:2]) for instance in again.lm_task.instances]
    ours = []
    for request in built.requests:
        if request.kind is RequestKind.LOGLIKELIHOOD:
            ours.append((request.context, request.continuation))
        else:
            ours.append((request.context,))
    assert ours == [given[: len(own)] for given, own in zip(stock, ours, strict=True)]


def test_building_twice_gives_the_same_requests(mirror):
    (loaded,) = _load(mirror, "gsm8k")
    assert build(loaded, seed=1234).requests == build(loaded, seed=1234).requests


def test_another_seed_draws_other_few_shot_examples(mirror):
    (loaded,) = _load(mirror, "gsm8k")
    first, second = build(loaded, seed=1), build(loaded, seed=2)
    assert [i.id for i in first.items] == [i.id for i in second.items]
    assert [i.prompt_hash for i in first.items] != [i.prompt_hash for i in second.items]


def test_a_subset_is_nested_and_its_prompts_are_those_of_the_full_run(mirror):
    (loaded,) = _load(mirror, "gsm8k")
    whole = {item.id: item for item in build(loaded, seed=1234).items}
    small = {item.id: item for item in build(loaded, seed=1234, limit=4).items}
    middle = {item.id: item for item in build(loaded, seed=1234, limit=8).items}
    assert len(small) == 4
    assert set(small) < set(middle) < set(whole)
    assert all(whole[item_id] == item for item_id, item in middle.items())


def test_a_subset_is_not_simply_the_first_documents(mirror):
    (loaded,) = _load(mirror, "arc_easy")
    numbers = [item.document_id for item in build(loaded, seed=1234, limit=5).items]
    assert numbers != [0, 1, 2, 3, 4]


def test_questions_about_one_passage_share_a_cluster(mirror):
    (loaded,) = _load(mirror, "boolq")
    items = build(loaded, seed=1234).items
    assert sorted(Counter(item.cluster for item in items).values()) == [2] * 6


def test_the_guesser_s_score_is_one_over_the_number_of_options(mirror):
    chances = {
        each.task.name: build(each, seed=1234).items[0].chance
        for each in _load(mirror, "arc_easy", "winogrande", "gsm8k", "lambada_openai")
    }
    assert chances == {"arc_easy": 0.25, "winogrande": 0.5, "gsm8k": 0.0, "lambada_openai": 0.0}


def test_the_gold_answer_is_shown_in_words(mirror):
    items = {
        each.task.name: build(each, seed=1234).items[0]
        for each in _load(mirror, "arc_easy", "winogrande", "blimp_causative")
    }
    assert items["arc_easy"].gold in items["arc_easy"].choices
    assert items["winogrande"].gold in items["winogrande"].choices
    assert items["blimp_causative"].gold.endswith("walks home.")


def test_equal_documents_are_different_items():
    twice = Document(prompt="1+1=", gold="2")
    task = OwnTask(
        name="sums",
        domain="math",
        output_type=OutputType.GENERATE,
        documents=(twice, twice),
        readings=(Reading(name="strict", pattern=r"(\d+)"),),
        stops=("\n",),
        max_new_tokens=4,
    )
    suite = Suite(name="own", choices=(TaskChoice(name="sums"),))
    (loaded,) = load_tasks(suite, own=[task])
    items = build(loaded, seed=1234).items
    assert len({item.id for item in items}) == 2


def test_the_template_cache_is_gone_after_a_build(mirror):
    import lm_eval.utils

    before = lm_eval.utils.env.from_string
    (loaded,) = _load(mirror, "arc_easy")
    build(loaded, seed=1234)
    assert lm_eval.utils.env.from_string == before


def test_the_installed_lm_eval_has_the_seams_the_door_uses():
    manager = lm_eval.tasks.TaskManager(include_defaults=False)
    assert hasattr(manager, "_factory")
    assert callable(manager._factory.build)
