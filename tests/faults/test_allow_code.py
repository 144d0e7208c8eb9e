"""Tasks that run a model's code run by flag alone, and an item's program costs that item alone."""

import json
import os
from pathlib import Path

import evaluate
import pytest

from forgetscope.api import EvaluationRequest, evaluate_into
from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import build, judge, load_suite_tasks, load_tasks
from forgetscope.evaluation.harness.programs import code_eval
from forgetscope.evaluation.harness.sandbox import Limits
from forgetscope.records import Answer, StopReason
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice, load_suite
from forgetscope.suites.catalog import catalog
from tests.tiny import save_tiny_llama

ROWS = [
    {
        "task_id": f"own/{number}",
        "prompt": f"def plus_{number}(x):\n",
        "entry_point": f"plus_{number}",
        "canonical_solution": f"    return x + {number}\n",
        "test": f"def check(candidate):\n    assert candidate(2) == {2 + number}\n",
    }
    for number in range(5)
]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code")
    data = folder / "openai" / "openai_humaneval" / "default"
    data.mkdir(parents=True)
    (data / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return folder


def suite(name="humaneval", **changes):
    return Suite(name="code", choices=(TaskChoice(name=name, **changes),))


def answered(built, texts):
    answers = {}
    for request, text in zip(built.requests, texts, strict=True):
        answers[request.id] = Answer(
            request_id=request.id, text=text, n_tokens=3, stop_reason=StopReason.STOP
        )
    return answers


@pytest.fixture
def _short(monkeypatch):
    monkeypatch.setattr(code_eval._sandbox, "limits", Limits(cpu_seconds=1, wall_seconds=20))


@pytest.mark.usefixtures("_short")
def test_each_program_is_judged_and_what_is_stopped_costs_its_item_alone(mirror):
    (loaded,) = load_suite_tasks(suite(), data_dir=mirror, allow_code=True).tasks
    built = build(loaded, seed=0)
    texts = [
        "    return x",
        "    return x + 3",
        "    while True: pass",
        "    import os; os._exit(0)",
        "    return x + 4",
    ]
    scores = judge(built, answered(built, texts))
    assert [score.value for score in scores] == [1.0, 0.0, 0.0, 0.0, 1.0]
    assert [score.error for score in scores] == [
        None,
        None,
        "the program was stopped: it took more than 1 s of processor time",
        "the program was stopped: it left before its end",
        None,
    ]
    assert scores[0].form is None
    assert scores[1].form is not None


def test_without_the_flag_such_tasks_are_refused_and_their_code_is_not_even_read(
    mirror, monkeypatch
):
    monkeypatch.setattr(evaluate, "load", lambda *_: pytest.fail("the metric was asked for"))
    for entry in catalog():
        for name in entry.match if "unsafe_code" in entry.flags else ():
            with pytest.raises(UsageError, match="runs code that the model writes"):
                load_tasks(suite(name), data_dir=mirror)
    for name in ("humaneval_64", "mbpp"):
        with pytest.raises(UsageError, match="runs code that the model writes"):
            load_tasks(suite(name), data_dir=mirror)


def test_with_the_flag_only_what_is_checked_within_limits_is_let_in(mirror):
    for entry in catalog():
        if "unsafe_code" in entry.flags and "code_eval" not in entry.flags:
            name = entry.match[0]
            with pytest.raises(UsageError, match="runs code that the model writes"):
                load_suite_tasks(suite(name), data_dir=mirror, allow_code=True)
    with pytest.raises(UsageError, match="runs code that the model writes"):
        load_suite_tasks(suite("humaneval_64"), data_dir=mirror, allow_code=True)


def test_a_suite_file_cannot_allow_code(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('allow_code = true\n[[task]]\nname = "humaneval"\n')
    with pytest.raises(UsageError, match="unknown key `allow_code`"):
        load_suite(str(path))


def test_a_checkpoint_is_evaluated_by_flag_and_the_study_knows_that_code_ran(
    mirror, tmp_path, monkeypatch
):
    monkeypatch.delenv("HF_ALLOW_CODE_EVAL", raising=False)
    model = save_tiny_llama(tmp_path / "base", window=512)
    chosen = tmp_path / "s.toml"
    chosen.write_text('[[task]]\nname = "humaneval"\nlimit = 3\nmax_new_tokens = 4\n')
    request = EvaluationRequest(suite=str(chosen), data_dir=mirror)
    with pytest.raises(UsageError, match="runs code") as caught:
        evaluate_into([str(model)], tmp_path / "study", request=request)
    assert "--allow-code" in (caught.value.hint or "")
    assert not (tmp_path / "study").exists()
    request = EvaluationRequest(suite=str(chosen), data_dir=mirror, allow_code=True)
    summary = evaluate_into([str(model)], tmp_path / "study", request=request)
    assert summary.computed == 3
    assert any("programs that the checkpoints write run" in note for note in summary.notes)
    with Study(tmp_path / "study") as study:
        assert '"allow_code": true' in json.dumps(study.runs()[-1])
    assert "HF_ALLOW_CODE_EVAL" not in os.environ


@pytest.mark.mirror
@pytest.mark.skipif("FORGETSCOPE_MIRROR" not in os.environ, reason="FORGETSCOPE_MIRROR is not set")
def test_the_solutions_of_humaneval_pass_and_empty_answers_do_not():
    data_dir = Path(os.environ["FORGETSCOPE_MIRROR"])
    (loaded,) = load_suite_tasks(suite(limit=30), data_dir=data_dir, allow_code=True).tasks
    built = build(loaded, seed=0)
    documents = {item.id: built.instances[item.id][0].doc for item in built.items}
    right = [documents[request.item_id]["canonical_solution"] for request in built.requests]
    assert {score.value for score in judge(built, answered(built, right))} == {1.0}
    empty = ["    pass"] * len(right)
    assert {score.value for score in judge(built, answered(built, empty))} == {0.0}


def test_no_hub_is_asked_for_the_metric(mirror, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluate, "load", lambda *_: pytest.fail("the hub was asked"))
    load_suite_tasks(suite(), data_dir=mirror, allow_code=True)
    assert list(tmp_path.iterdir()) == []
