"""Scores for a model hub: only what surely is the benchmark, over all of it."""

import math
from dataclasses import replace
from importlib.resources import files

import pytest
import yaml

from forgetscope.interchange.out import BENCHMARKS, hub_results, write_hub_results
from forgetscope.interchange.out.task_scores import TaskScore
from forgetscope.records import OutputType, Task


def score(name="gsm8k", *, value=0.3125, n=1319, filter_name="flexible-extract", **others):
    task = Task(
        name=name,
        domain="math",
        metric="exact_match",
        filter=filter_name,
        chance=0.0,
        output_type=OutputType.GENERATE,
        version="3.0",
        n_shots=5,
        fingerprint="f" * 16,
    )
    return TaskScore(
        task=replace(task, **others), score=value, standard_error=0.01, n=n, is_binary=True
    )


def _found(*scores):
    return hub_results(scores, date="2026-05-01", program="forgetscope 1")


def test_a_whole_benchmark_goes_out_in_percent(tmp_path):
    (path,) = write_hub_results(_found(score()), tmp_path)
    assert path == tmp_path / ".eval_results" / "gsm8k.yaml"
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == [
        {
            "dataset": {"id": "openai/gsm8k", "task_id": "gsm8k"},
            "value": 31.25,
            "date": "2026-05-01",
            "notes": "5-shot, flexible-extract; forgetscope 1",
        }
    ]


def test_parts_are_weighed_by_their_items():
    names = BENCHMARKS["mmlu_pro"].tasks
    n = BENCHMARKS["mmlu_pro"].n
    parts = [score(name, value=0.0, n=10, filter_name="custom-extract") for name in names[1:]]
    rest = n - 10 * len(parts)
    parts.append(score(names[0], value=1.0, n=rest, filter_name="custom-extract"))
    (entry,) = _found(*parts).files["mmlu_pro"]
    assert entry["value"] == pytest.approx(100 * rest / n, abs=0.01)


LEFT_OUT = {
    "a part of its items": (score(n=100), "100 items were asked, and the benchmark has 1,319"),
    "another filter": (score(filter_name="strict-match"), "exact_match,strict-match"),
    "another metric": (score(metric="em"), "em,flexible-extract"),
    "a part of its tasks": (score("mmlu_pro_law", filter_name="custom-extract"), "only 1 of the"),
    "no benchmark": (score("arc_easy"), "no benchmark that the hub has registered"),
    "no score": (score(value=math.nan), "undefined"),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_is_not_the_benchmark_is_left_out_with_the_reason(what):
    given, reason = LEFT_OUT[what]
    found = _found(given)
    assert found.files == {}
    (line,) = found.left_out
    assert reason in line
    assert given.task.name in line


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("gsm8k", "gsm8k/gsm8k.yaml"),
        ("gsm8k_cot", "gsm8k/gsm8k-cot.yaml"),
        ("gsm8k_cot_zeroshot", "gsm8k/gsm8k-cot-zeroshot.yaml"),
        ("gpqa_diamond_cot_zeroshot", "gpqa/cot_zeroshot/_gpqa_cot_zeroshot_yaml"),
        ("mmlu_pro", "mmlu_pro/_default_template_yaml"),
    ],
)
def test_the_tasks_of_lm_eval_ask_the_data_set_that_is_named(name, file):
    text = files("lm_eval").joinpath("tasks", file).read_text(encoding="utf-8")
    named = [line.split(":", 1)[1].strip() for line in text.splitlines() if "dataset_path:" in line]
    assert named == [BENCHMARKS[name].dataset]
    assert BENCHMARKS[name].filter_name in text
