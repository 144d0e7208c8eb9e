"""Own tasks in lm-eval's words, so that one path scores them all."""

from __future__ import annotations

from typing import Any

import datasets
from lm_eval.api.task import ConfigurableTask

from forgetscope.records import OutputType, OwnTask

__all__ = ["own_task"]


def own_task(task: OwnTask) -> ConfigurableTask:
    """Return an own task as a task of lm-eval."""
    config: dict[str, Any] = {
        "task": task.name,
        "custom_dataset": lambda **_: {"test": _documents(task)},
        "test_split": "test",
        "output_type": task.output_type.value,
        "doc_to_text": "prompt",
        "doc_to_target": "gold",
        "target_delimiter": "",
        "metadata": {"version": task.version},
    }
    if task.output_type is OutputType.MULTIPLE_CHOICE:
        config["doc_to_choice"] = "choices"
        config["metric_list"] = [_metric("acc")]
    elif task.output_type is OutputType.GENERATE:
        config["metric_list"] = [_metric("exact_match")]
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
        config["generation_kwargs"] = {
            "until": list(task.stops),
            "max_gen_toks": task.max_new_tokens,
            "do_sample": False,
        }
    return ConfigurableTask(config=config)


def _metric(name: str) -> dict[str, Any]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": True}


def _documents(task: OwnTask) -> datasets.Dataset:
    rows = []
    for document in task.documents:
        row: dict[str, Any] = {"prompt": document.prompt, "gold": document.gold}
        if document.choices:
            row["choices"] = list(document.choices)
        if document.cluster:
            row["cluster"] = document.cluster
        rows.append(row)
    return datasets.Dataset.from_list(rows)
