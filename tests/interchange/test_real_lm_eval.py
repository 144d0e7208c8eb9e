"""What the installed lm-eval really logs, imported, is what an evaluation here stores."""

import shutil
from dataclasses import fields

import lm_eval
import lm_eval.evaluator
import numpy as np
import pytest
from lm_eval.loggers import EvaluationTracker

from forgetscope.api import import_logs
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.harness import load_tasks
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

TASKS = ("arc_easy", "gsm8k", "lambada_openai", "winogrande", "wikitext")
SUITE = Suite(
    name="logged", choices=tuple(TaskChoice(name=name, max_new_tokens=8) for name in TASKS)
)
UNTOLD = {"tokens_I", "truncated_I"}  # lm-eval logs no tokens


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("models") / "checkpoint-10", window=512)


@pytest.fixture(scope="module")
def own(mirror, model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "study"
    options = EvaluationOptions(data_dir=mirror, engine=EngineConfig(dtype="float32"))
    with Study(folder, create=True) as study:
        opened = open_suite(SUITE, options=options)
        evaluate_series(resolve_series([f"own={model}"]), opened, study, options=options)
    return folder


@pytest.fixture(scope="module")
def log(mirror, model, tmp_path_factory):
    """The folder that lm-eval's own command line would leave."""
    folder = tmp_path_factory.mktemp("log")
    tracker = EvaluationTracker(output_path=str(folder))
    with pytest.MonkeyPatch.context() as patch:
        # it asks the machine for seconds, and no file that is read here holds what it finds
        patch.setattr(lm_eval.evaluator, "add_env_info", lambda _results: None)
        found = lm_eval.simple_evaluate(
            model="hf",
            model_args=f"pretrained={model},dtype=float32,softmax_dtype=float32",
            tasks=[each.lm_task for each in load_tasks(SUITE, data_dir=mirror)],
            batch_size=4,
            device="cpu",
            bootstrap_iters=0,
            evaluation_tracker=tracker,
            fewshot_random_seed=SUITE.seed,
        )
    samples = found.pop("samples")
    tracker.save_results_aggregated(results=found, samples=samples)
    for name in found["configs"]:
        tracker.save_results_samples(task_name=name, samples=samples[name])
    return folder


@pytest.fixture(scope="module")
def study(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("imported") / "study"
    assert import_logs([f"logged={log}"], folder).notes == ()
    return folder


def _columns(folder, label):
    with Study(folder) as study:
        return {column.task.name: column for column in study.profile(label).columns}


def _items(folder, column):
    with Study(folder) as study:
        found = study.items(column.item_ids)
    return [found[item_id] for item_id in column.item_ids]


@pytest.mark.parametrize("name", TASKS)
def test_the_scores_and_their_evidence_are_those_of_an_own_evaluation(name, own, study):
    one, other = _columns(own, "own")[name], _columns(study, "logged")[name]
    assert one.item_ids == other.item_ids
    assert one.value_I == pytest.approx(other.value_I, abs=1e-4)
    assert one.chance_I == pytest.approx(other.chance_I, nan_ok=True)
    assert one.clusters == other.clusters
    for field in fields(one.evidence):
        if field.name not in UNTOLD:
            ours, theirs = (getattr(c.evidence, field.name) for c in (one, other))
            assert np.allclose(ours, theirs, atol=1e-3, equal_nan=True), field.name


@pytest.mark.parametrize("name", TASKS)
def test_the_items_and_what_was_asked_are_those_of_an_own_evaluation(name, own, study):
    one, other = _columns(own, "own")[name], _columns(study, "logged")[name]
    assert one.prompt_hashes == other.prompt_hashes
    assert _items(own, one) == _items(study, other)


@pytest.mark.parametrize("name", TASKS)
def test_the_task_is_the_same_down_to_its_fingerprint(name, own, study):
    one, other = _columns(own, "own")[name].task, _columns(study, "logged")[name].task
    for field in fields(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        assert ours == theirs or (ours != ours and theirs != theirs), field.name


def test_a_log_joins_a_study_that_was_evaluated_here(own, log, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(own, folder)
    found = import_logs([f"logged={log}"], folder)
    assert found.labels == ("logged",)
    assert found.notes == ()


def test_a_checkpoint_is_evaluated_here_into_a_study_that_was_imported(
    study, mirror, model, tmp_path
):
    folder = tmp_path / "study"
    shutil.copytree(study, folder)
    suite = Suite(name="one", choices=(TaskChoice(name="arc_easy"),))
    options = EvaluationOptions(data_dir=mirror, engine=EngineConfig(dtype="float32"))
    with Study(folder) as opened:
        series = resolve_series([f"own={model}"])
        evaluate_series(series, open_suite(suite, options=options), opened, options=options)
    one, other = (_columns(folder, label)["arc_easy"] for label in ("logged", "own"))
    assert one.item_ids == other.item_ids
    assert one.prompt_hashes == other.prompt_hashes
