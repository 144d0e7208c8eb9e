"""Documents nobody would write, and tasks whose own code fails."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.scoring import resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice

LAMBADA = "EleutherAI/lambada_openai/default/test.jsonl"
GOOD = [f"the cat number {n} walks home" for n in range(4)]


@pytest.fixture
def evaluate(world, tmp_path, call):
    """Evaluate the base on one task with other documents than the mirror has."""

    def evaluate_it(content, *, task="lambada_openai", more=()):
        data = tmp_path / "data"
        if not data.exists():
            shutil.copytree(world.folder / "data", data)
        file = data / LAMBADA
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return call(
            *("eval", world.folder / "base", "--tasks", task, "--data-dir", data),
            *("--out", tmp_path / "study", "--no-progress", *more),
        )

    return evaluate_it


def _lines(*texts):
    return "".join(json.dumps({"text": text}) + "\n" for text in texts)


def _rows(study, statement):
    with closing(sqlite3.connect(study / "study.sqlite")) as database:
        return database.execute(statement).fetchall()


def test_odd_texts_are_asked_like_any_other(evaluate, call, tmp_path):
    odd = ["bad \0 text\0 here", "", " ", "one", "x\u202e\x1b[31m<script> y", "long " * 200_000]
    assert evaluate(_lines(*GOOD, *GOOD, *odd))[0] == 0
    study = tmp_path / "study"
    assert _rows(study, "SELECT COUNT(*) FROM items") == [(14,)]
    assert _rows(study, "SELECT COUNT(DISTINCT item) FROM scores") == [(14,)]
    code, out, err = call("report", study, "--out", tmp_path / "report")
    assert code == 0
    assert "\x1b" not in out + err
    assert "<script> y" not in (tmp_path / "report" / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (_lines(*GOOD, "bad \ud800 text"), "surrogate"),
        (_lines(*GOOD) + '{"text": "cut', "quotation mark"),
        (b'{"text": "caf\xe9 walks home"}\n', "utf-8"),
        ("", "no document"),
        ('{"txt": "a b c"}\n', "'text' is undefined"),
    ],
)
def test_a_file_that_is_there_and_cannot_be_read_is_named_with_the_reason(
    evaluate, tmp_path, content, what
):
    code, _, err = evaluate(content)
    assert code == 4
    assert sum(line.startswith("error: ") for line in err.splitlines()) == 1
    assert f"`{tmp_path / 'data' / LAMBADA}`" in err
    assert what in err
    assert "not on this machine" not in err


def test_a_document_no_prompt_can_be_made_of_is_named(evaluate):
    code, _, err = evaluate(_lines(*GOOD) + '{"text": null}\n')
    assert code == 4
    assert "document 4 of task `lambada_openai`" in err
    assert "mend the document" in err


def test_data_that_changed_between_two_commands_are_said_and_not_mixed(evaluate, tmp_path):
    assert evaluate(_lines(*GOOD))[0] == 0
    code, _, err = evaluate(_lines(*GOOD[:3], "another text here"))
    assert code == 2
    assert "the data of `lambada_openai` changed: 1 of 4 documents" in err
    assert _rows(tmp_path / "study", "SELECT COUNT(*) FROM items") == [(4,)]
    assert evaluate(_lines(*GOOD))[0] == 0


@pytest.mark.parametrize("part", ["filter", "metric"])
def test_what_throws_on_one_item_costs_that_item(world, tmp_path, monkeypatch, part):
    options = EvaluationOptions(data_dir=world.folder / "data")
    suite = Suite(name="test", choices=(TaskChoice(name="gsm8k", shots=0, max_new_tokens=2),))
    opened = open_suite(suite, options=options)
    lm_task = opened.tasks[0].lm_task
    fatal = next(iter(lm_task.eval_docs))["question"]

    def refuse(documents):
        if any(document["question"] == fatal for document in documents):
            raise ZeroDivisionError("of one item")

    if part == "metric":
        measure = lm_task.process_results
        lm_task.process_results = lambda doc, found: refuse([doc]) or measure(doc, found)
    else:
        ensemble = lm_task._filters[0]
        apply = ensemble.apply
        monkeypatch.setattr(
            ensemble, "apply", lambda asked: refuse([a.doc for a in asked]) or apply(asked)
        )
    with Study(tmp_path / "study", create=True) as study:
        series = resolve_series([str(world.folder / "base")])
        evaluate_series(series, opened, study, options=options)
    found = _rows(tmp_path / "study", "SELECT value, error FROM scores")
    assert len(found) == 8
    ((value, error),) = [row for row in found if row[1] is not None]
    assert value is None
    assert error == f"the {part} failed: ZeroDivisionError: of one item"
