"""`.eval_results/*.yaml`: scores that a model hub shows beside a model.

The hub shows them for benchmarks that are registered there alone, and takes the data set's word
for which task is meant. So only tasks whose data and metric are known to be the benchmark's go
out, and only where every document of it was asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from forgetscope.interchange.out.task_scores import TaskScore
from forgetscope.store.files import write_whole

__all__ = ["BENCHMARKS", "HubBenchmark", "HubResults", "hub_results", "write_hub_results"]

_SUBJECTS = (
    *("biology", "business", "chemistry", "computer_science", "economics", "engineering"),
    *("health", "history", "law", "math", "other", "philosophy", "physics", "psychology"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubBenchmark:
    """A benchmark that a hub has registered, and the tasks of lm-eval that are it."""

    dataset: str
    """Data set on the hub."""
    task_id: str
    """What the data set's `eval.yaml` calls the task."""
    tasks: tuple[str, ...]
    """Tasks that make it up together."""
    metric: str
    filter_name: str
    n: int
    """Documents it has."""


BENCHMARKS: Mapping[str, HubBenchmark] = {
    **{
        name: HubBenchmark(
            dataset="openai/gsm8k",
            task_id="gsm8k",
            tasks=(name,),
            metric="exact_match",
            filter_name="flexible-extract",
            n=1319,
        )
        for name in ("gsm8k", "gsm8k_cot", "gsm8k_cot_zeroshot")
    },
    "gpqa_diamond_cot_zeroshot": HubBenchmark(
        dataset="Idavidrein/gpqa",
        task_id="diamond",
        tasks=("gpqa_diamond_cot_zeroshot",),
        metric="exact_match",
        filter_name="flexible-extract",
        n=198,
    ),
    "mmlu_pro": HubBenchmark(
        dataset="TIGER-Lab/MMLU-Pro",
        task_id="mmlu_pro",
        tasks=tuple(f"mmlu_pro_{subject}" for subject in _SUBJECTS),
        metric="exact_match",
        filter_name="custom-extract",
        n=12032,
    ),
}
"""Registered benchmarks by the name of their file; names and numbers as the tables of
huggingface/community-evals and the data sets themselves have them (August 2026)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubResults:
    """What goes to the hub, and what does not."""

    files: Mapping[str, list[dict[str, Any]]]
    """Content of each file, by its name without the suffix."""
    left_out: tuple[str, ...]
    """A line for each task that does not go out, with the reason."""


def hub_results(scores: Sequence[TaskScore], *, date: str, program: str) -> HubResults:
    """Return the results of a checkpoint that a hub would show.

    Parameters
    ----------
    scores
        Of all its tasks.
    date
        When they were made, `YYYY-MM-DD`; empty where it is not known.
    program
        What made them, with its version.
    """
    by_task = {each.task.name: each for each in scores}
    files: dict[str, list[dict[str, Any]]] = {}
    reasons: dict[str, str] = dict.fromkeys(
        by_task, "it is no benchmark that the hub has registered, as far as is known here"
    )
    for name, benchmark in BENCHMARKS.items():
        found = [by_task[task] for task in benchmark.tasks if task in by_task]
        if not found:
            continue
        reason = _reason(benchmark, found)
        for each in found:
            reasons[each.task.name] = reason
        if not reason:
            files[name] = [_entry(benchmark, found, date=date, program=program)]
    left = tuple(f"`{task}` is left out: {reason}" for task, reason in reasons.items() if reason)
    return HubResults(files=files, left_out=left)


def write_hub_results(results: HubResults, out: Path) -> tuple[Path, ...]:
    """Write each file below `out/.eval_results` and return them."""
    paths = []
    for name, content in results.files.items():
        path = out / ".eval_results" / f"{name}.yaml"
        with write_whole(path) as temporary:
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            temporary.write_text(text, encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _reason(benchmark: HubBenchmark, found: Sequence[TaskScore]) -> str:
    """Return why some tasks are not the benchmark; empty where they are."""
    wanted = f"{benchmark.metric},{benchmark.filter_name}"
    for each in found:
        judged = f"{each.task.metric},{each.task.filter}"
        if judged != wanted:
            return f"it is judged by `{judged}`, and the benchmark by `{wanted}`"
    if len(found) < len(benchmark.tasks):
        return f"only {len(found)} of the benchmark's {len(benchmark.tasks)} parts were asked"
    n = sum(each.n for each in found)
    if n != benchmark.n:
        return f"{n:,} items were asked, and the benchmark has {benchmark.n:,}"
    if not all(math.isfinite(each.score) for each in found):
        return "its score is undefined"
    return ""


def _entry(
    benchmark: HubBenchmark, found: Sequence[TaskScore], *, date: str, program: str
) -> dict[str, Any]:
    mean = sum(each.score * each.n for each in found) / benchmark.n
    shots = sorted({each.task.n_shots for each in found})
    told = f"{' and '.join(map(str, shots))}-shot, {benchmark.filter_name}; {program}"
    entry: dict[str, Any] = {
        "dataset": {"id": benchmark.dataset, "task_id": benchmark.task_id},
        # leaderboards of the hub are in percent
        "value": round(100 * mean, 2),
    }
    return entry | ({"date": date} if date else {}) | {"notes": told}
