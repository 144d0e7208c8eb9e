"""Our answers are those of stock lm-eval: same requests, same model, on official tasks."""

import lm_eval
import pytest
from lm_eval.models.huggingface import HFLM

from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.harness import load_tasks
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import TASKS

SUITE = Suite(
    name="parity", choices=tuple(TaskChoice(name=name, max_new_tokens=8) for name in TASKS)
)


@pytest.fixture(scope="module")
def stock(mirror, models):
    """What lm-eval's own loop and its own HFLM make of the same tasks."""
    tasks = {each.task.name: each.lm_task for each in load_tasks(SUITE, data_dir=mirror)}
    for task in tasks.values():
        task.set_fewshot_seed(SUITE.seed)
    model = HFLM(
        pretrained=str(models[0]),
        dtype="float32",
        softmax_dtype="float32",
        batch_size=4,
        device="cpu",
    )
    return lm_eval.evaluate(
        lm=model,
        task_dict={"tasks": tasks, "groups": {}, "group_map": {}},
        bootstrap_iters=0,
        log_samples=True,
    )


@pytest.fixture(scope="module")
def study(mirror, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    with Study(folder, create=True) as opened:
        options = EvaluationOptions(data_dir=mirror, engine=EngineConfig(dtype="float32"))
        suite = open_suite(SUITE, options=options)
        evaluate_series(resolve_series([str(models[0])]), suite, opened, options=options)
        yield opened


# lm-eval weighs the documents of wikitext by their length; its answers are compared below
@pytest.mark.parametrize("name", [name for name in TASKS if name != "wikitext"])
def test_the_score_of_a_task_is_that_of_stock_lm_eval(study, stock, name):
    task = next(task for task in study.tasks() if task.name == name)
    column = next(c for c in study.profile("base").columns if c.task.name == name)
    expected = stock["results"][name][f"{task.metric},{task.filter}"]
    assert column.value_I.mean() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", TASKS)
def test_the_answer_to_every_request_is_that_of_stock_lm_eval(study, stock, name):
    column = next(c for c in study.profile("base").columns if c.task.name == name)
    items = study.items(column.item_ids)
    answers = study.answers_of("base").by_item(column.item_ids)
    by_document = {items[item_id].document_id: answers[item_id] for item_id in column.item_ids}
    samples = {sample["doc_id"]: sample for sample in stock["samples"][name]}
    assert set(samples) == set(by_document)
    for document_id, given in by_document.items():
        responses = [response[0] for response in samples[document_id]["resps"]]
        assert len(responses) == len(given)
        for response, answer in zip(responses, given, strict=True):
            if isinstance(response, str):
                assert answer.text == response
            elif isinstance(response, tuple):
                assert answer.logprob == pytest.approx(response[0], abs=1e-3)
                assert answer.is_greedy == response[1]
            else:
                assert answer.logprob == pytest.approx(response, abs=1e-3)


def test_the_tasks_are_of_every_kind_and_more_than_five(study):
    kinds = {task.output_type.value for task in study.tasks()}
    assert len(TASKS) >= 5
    assert kinds == {
        "multiple_choice",
        "loglikelihood",
        "loglikelihood_rolling",
        "generate_until",
    }
