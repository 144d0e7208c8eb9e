"""Own tasks in lm-eval's words, so that one path scores them all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import datasets
from lm_eval.api.task import ConfigurableTask

from forgetscope.offline import FOLLOWED, LOOSELY_FOLLOWED, are_met, loosened
from forgetscope.records import Demand, Document, OutputType, OwnTask

__all__ = ["own_task"]


def own_task(task: OwnTask) -> ConfigurableTask:
    """Return an own task as a task of lm-eval."""
    config: dict[str, Any] = {
        "task": task.name,
        "custom_dataset": lambda **_: _splits(task),
        "test_split": "test",
        "output_type": task.output_type.value,
        "doc_to_text": "prompt",
        "doc_to_target": "gold",
        "target_delimiter": task.delimiter,
        "metadata": {"version": task.version},
    }
    if task.examples:
        config["fewshot_split"] = "examples"
        # all prompts begin alike, so that a model reads the examples once
        config["fewshot_config"] = {"sampler": "first_n"}
        config["num_fewshot"] = len(task.examples)
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        config["doc_to_choice"] = "choices"
        config["metric_list"] = [_metric("acc")]
    elif task.output_type is OutputType.GENERATE:
        config |= _written(task)
    return ConfigurableTask(config=config)


def _written(task: OwnTask) -> dict[str, Any]:
    config: dict[str, Any] = {
        "metric_list": [_metric("exact_match")],
        "generation_kwargs": {
            "until": list(task.stops),
            "max_gen_toks": task.max_new_tokens,
            "do_sample": False,
        },
    }
    if task.has_demands:
        config["metric_list"] = [_metric(FOLLOWED), _metric(LOOSELY_FOLLOWED)]
        config["process_results"] = _followed
        return config
    config["filter_list"] = [
        {
            "name": reading.name,
            "filter": [
                {"function": "regex", "regex_pattern": reading.pattern, "group_select": 0},
                {"function": "take_first"},
            ],
        }
        for reading in task.readings
    ]
    return config


def _followed(document: dict[str, Any], results: list[str]) -> dict[str, float]:
    demands = [Demand(**demand) for demand in document["demands"]]
    versions = loosened(results[0])
    return {
        FOLLOWED: float(are_met(demands, results[0])),
        LOOSELY_FOLLOWED: float(any(are_met(demands, version) for version in versions)),
    }


def _metric(name: str) -> dict[str, Any]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": True}


def _splits(task: OwnTask) -> dict[str, datasets.Dataset]:
    splits = {"test": _rows(task.documents)}
    if task.examples:
        splits["examples"] = _rows(task.examples)
    return splits


def _rows(documents: tuple[Document, ...]) -> datasets.Dataset:
    rows = []
    for document in documents:
        row: dict[str, Any] = {"prompt": document.prompt, "gold": document.gold}
        if document.choices:
            row["choices"] = list(document.choices)
        if document.demands:
            row["demands"] = [asdict(demand) for demand in document.demands]
        if document.cluster:
            row["cluster"] = document.cluster
        rows.append(row)
    return datasets.Dataset.from_list(rows)
