"""Logs as lm-eval 0.4.13 and lighteval 0.13 write them, made up."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DATE = "2026-05-01T10-00-00.000000"
LATER = "2026-05-02T10-00-00.000000"
COLOURS = ("red", "green", "blue", "grey")


def choice_row(number, *, is_right, prompt="Which colour is thing {}?\nAnswer:", **others):
    """Multiple choice of four, scored by its options' log-probabilities."""
    gold = number % 4
    chosen = gold if is_right else (gold + 1) % 4
    logprobs = [-1.5 if place == chosen else -4.0 - place for place in range(4)]
    context = prompt.format(number)
    row = {
        "doc_id": number,
        "doc": {"question": f"thing {number}", "choices": list(COLOURS), "answer": gold},
        "target": str(gold),
        "arguments": {
            f"gen_args_{place}": {"arg_0": context, "arg_1": f" {colour}"}
            for place, colour in enumerate(COLOURS)
        },
        "resps": [[[str(logprob), "False"]] for logprob in logprobs],
        "filtered_resps": [[str(logprob), "False"] for logprob in logprobs],
        "filter": "none",
        "metrics": ["acc", "acc_norm"],
        "doc_hash": "d",
        "prompt_hash": "p",
        "target_hash": "t",
        "acc": float(is_right),
        "acc_norm": float(is_right),
    }
    return row | others


def written_rows(number, *, is_right, is_strict=None):
    """A generated answer, read by two filters: a row each, as lm-eval has them."""
    text = f" It is {number}.\n#### {number if is_right else number + 1}"
    strict = is_right if is_strict is None else is_strict
    for name, score in (("strict-match", strict), ("flexible-extract", is_right)):
        yield {
            "doc_id": number,
            "doc": {"question": f"What is {number}?", "answer": f"#### {number}"},
            "target": f"#### {number}",
            "arguments": {
                "gen_args_0": {
                    "arg_0": f"Question: what is {number}?\nAnswer:",
                    "arg_1": {"until": ["Question:"], "do_sample": False, "max_gen_toks": 64},
                }
            },
            "resps": [[text]],
            "filtered_resps": [str(number) if score else "[invalid]"],
            "filter": name,
            "metrics": ["exact_match"],
            "doc_hash": "d",
            "prompt_hash": "p",
            "target_hash": "t",
            "exact_match": float(score),
        }


def config(task, *, output_type="multiple_choice", **others):
    metrics = ["exact_match"] if output_type == "generate_until" else ["acc", "acc_norm"]
    known = {
        "task": task,
        "dataset_path": "somewhere",
        "output_type": output_type,
        "num_fewshot": 0,
        "target_delimiter": " ",
        "metric_list": [
            {"metric": metric, "aggregation": "mean", "higher_is_better": True}
            for metric in metrics
        ],
        "metadata": {"version": 1.0},
    }
    if output_type == "generate_until":
        known["generation_kwargs"] = {
            "until": ["Question:"],
            "do_sample": False,
            "max_gen_toks": 64,
        }
    return known | others


def results_of(rows, *, model, configs=None, version=1.0, shots=0, template=None, **others):
    """The content of `results_*.json` of some rows by task."""
    told = {}
    for task, own in rows.items():
        sums = {}
        for row in own:
            for metric in row["metrics"]:
                sums.setdefault(f"{metric},{row['filter']}", []).append(row[metric])
        told[task] = {key: sum(values) / len(values) for key, values in sums.items()}
    n = {task: len({row["doc_id"] for row in own}) for task, own in rows.items()}
    return {
        "results": told,
        "configs": configs
        or {task: config(task, output_type=_kind(own)) for task, own in rows.items()},
        "versions": dict.fromkeys(rows, version),
        "n-shot": dict.fromkeys(rows, shots),
        "higher_is_better": {
            task: dict.fromkeys({m for row in own for m in row["metrics"]}, True)
            for task, own in rows.items()
        },
        "n-samples": {task: {"original": n[task], "effective": n[task]} for task in rows},
        "config": {
            "model": "hf",
            "model_args": f"pretrained={model},dtype=float32",
            "model_dtype": "torch.float32",
        },
        "lm_eval_version": "0.4.13",
        "model_name": model,
        "chat_template": None,
        "chat_template_sha": template,
    } | others


def _kind(rows):
    return "generate_until" if "exact_match" in rows[0]["metrics"] else "multiple_choice"


def write_lm_eval(folder, rows, *, model=None, date=DATE, has_results=True, **others):
    """Write a run of lm-eval with `--log_samples` and return its folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for task, own in rows.items():
        lines = "".join(json.dumps(row) + "\n" for row in own)
        (folder / f"samples_{task}_{date}.jsonl").write_text(lines, encoding="utf-8")
    if has_results:
        content = results_of(rows, model=model or f"org/{folder.name}", **others)
        (folder / f"results_{date}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def choices(right, *, n=48, **others):
    """Rows of multiple choice of which the first `right` are right."""
    return [choice_row(number, is_right=number < right, **others) for number in range(n)]


def written(right, *, n=48):
    """Rows of generated answers, filter by filter, of which the first `right` are right."""
    rows = [row for number in range(n) for row in written_rows(number, is_right=number < right)]
    return sorted(rows, key=lambda row: row["filter"], reverse=True)


def detail(number, *, is_right, is_choice=True, query="Which colour is thing {}?"):
    """One row of lighteval's details."""
    gold = number % 4
    chosen = gold if is_right else (gold + 1) % 4
    logprobs = [-1.5 if place == chosen else -4.0 - place for place in range(4)]
    return {
        "doc": {
            "query": query.format(number),
            "choices": [f" {colour}" for colour in COLOURS] if is_choice else [f" {number}"],
            "gold_index": gold if is_choice else 0,
            "instruction": None,
            "id": str(number),
            "task_name": "colours|2",
            "fewshot_samples": [],
            "generation_size": 8,
            "stop_sequences": ["\n"],
        },
        "metric": {"acc": int(is_right)} if is_choice else {"em": int(is_right)},
        "model_response": {
            "input": None,
            "input_tokens": [5, 6, number],
            "text": [] if is_choice else [str(number if is_right else number + 1)],
            "text_post_processed": [] if is_choice else [str(number)],
            "output_tokens": [[1, -1], [2, 3], [4, 5], [6, 7]] if is_choice else [[1, 2, 3]],
            "logprobs": logprobs if is_choice else [],
            "argmax_logits_eq_gold": [False] * 4 if is_choice else [],
        },
    }


def write_lighteval(folder, rows, *, model="org/model", date=DATE, has_results=True, **others):
    """Write a run of lighteval with `--save-details`; returns the folder of its details."""
    details = Path(folder) / "details" / model / date
    details.mkdir(parents=True)
    for task, own in rows.items():
        pq.write_table(pa.Table.from_pylist(own), details / f"details_{task}_{date}.parquet")
    if has_results:
        results = Path(folder) / "results" / model
        results.mkdir(parents=True)
        content = {
            "config_general": {
                "model_name": model,
                "model_config": {"dtype": "float32", "generation_parameters": {"temperature": 0}},
            },
            "config_tasks": {
                task: {
                    "name": task.split("|")[0],
                    "version": others.get("version", 1),
                    "metrics": [
                        {"metric_name": name, "higher_is_better": True} for name in own[0]["metric"]
                    ],
                }
                for task, own in rows.items()
            },
        }
        (results / f"results_{date}.json").write_text(json.dumps(content), encoding="utf-8")
    return details
