"""Files of Every Eval Ever 0.3: an `EvaluationLog`, and a file of lines with its samples."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import LogError
from forgetscope.interchange.logs.lines import digest_of, json_lines, json_object, reading
from forgetscope.interchange.logs.logged import (
    UNKNOWN,
    Log,
    LoggedTask,
    Settings,
    Wanted,
    everything,
)
from forgetscope.interchange.logs.names import harmless
from forgetscope.interchange.logs.reading import choose_reading
from forgetscope.interchange.logs.shared_rows import SharedRows, key_of
from forgetscope.interchange.logs.texts import mapping
from forgetscope.records import UNBOUNDED_METRICS, Aggregate, OutputType, Purpose, Role, Task
from forgetscope.records.identity import digest
from forgetscope.suites import DOMAINS, look_up, nominal_chance

__all__ = ["read_shared"]

_FORMAT = "0.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """One aggregate result: a task under one metric and filter."""

    key: str
    task: str
    metric: str
    filter_name: str
    fields: Mapping[str, Any]

    @property
    def config(self) -> Mapping[str, Any]:
        return mapping(self.fields.get("metric_config"))

    @property
    def details(self) -> Mapping[str, Any]:
        """What forgetscope itself writes beside the format's own keys."""
        return mapping(self.config.get("additional_details"))


def read_shared(path: Path, *, known: Mapping[str, Task], wanted: Wanted = everything) -> Log:
    """Read one log with its samples.

    Parameters
    ----------
    path
        The `EvaluationLog`.
    known
        Tasks of the study, whose metric and filter are read where the log has them.
    wanted
        Which tasks are read.

    Raises
    ------
    LogError
        If it is malformed, has no samples, or they are not those that it speaks of.
    """
    content = json_object(path)
    with reading(path):
        version = str(content["schema_version"])
        if not version.startswith(_FORMAT):
            raise LogError(
                f"`{path}` is of version {harmless(version)} of Every Eval Ever, and "
                f"{_FORMAT} is read here",
                hint="bring it to that version with the tools of Every Eval Ever",
            )
        library = mapping(content["eval_library"])
        samples = _samples(path, content)
        results = [_result(each, str(library["name"])) for each in content["evaluation_results"]]
        by_task: dict[str, list[_Result]] = defaultdict(list)
        for result in results:
            if wanted(result.task):
                by_task[result.task].append(result)
        numbers = _numbers(samples, {result.key for result in results})
        tasks = tuple(
            _task(name, found, content, numbers, known.get(name), samples)
            for name, found in by_task.items()
        )
        model = mapping(content["model_info"])
        engine = mapping(model.get("inference_engine")).get("name")
        return Log(
            path=path,
            model=str(model["id"]),
            harness=harmless(str(library["name"])),
            harness_version=harmless(str(library.get("version", ""))),
            engine={"backend": harmless(str(engine))} if engine else {},
            digests=(digest_of(path), digest_of(samples)),
            tasks=tasks,
        )


def _samples(path: Path, content: Mapping[str, Any]) -> Path:
    """Return the file of samples; whatever path the log names, it lies beside the log."""
    named = mapping(content.get("detailed_evaluation_results"))
    name = Path(str(named.get("file_path") or f"{path.stem}_samples.jsonl")).name
    samples = path.parent / name
    if not samples.is_file():
        raise LogError(
            f"`{path}` has no samples (`{harmless(name)}` is not beside it): items cannot be "
            "compared",
            hint="put the file of samples into the same folder",
        )
    told = named.get("checksum")
    is_other = named.get("hash_algorithm") == "sha256" and told and digest_of(samples) != told
    if is_other:
        raise LogError(
            f"`{samples}` is not the file that `{path.name}` speaks of: its checksum differs",
            hint="nothing of it was stored; copy both files again",
        )
    return samples


def _result(fields: Mapping[str, Any], library: str) -> _Result:
    config = mapping(fields.get("metric_config"))
    details = mapping(config.get("additional_details"))
    name, metric = str(fields["evaluation_name"]), config.get("metric_id")
    task, filter_name = name, "none"
    if library in ("lm_eval", "lm-eval") and "/" in name:
        task, _, filter_name = name.rpartition("/")
    return _Result(
        key=str(fields.get("evaluation_result_id") or name),
        task=harmless(str(details.get("task") or task)),
        metric=harmless(str(details.get("metric") or metric or "score")),
        filter_name=harmless(str(details.get("filter") or filter_name)),
        fields=fields,
    )


def _numbers(samples: Path, known: set[str]) -> dict[str, dict[tuple[str, int], float]]:
    """Return the score of each sample by result, then by sample id and its place among equals."""
    found: dict[str, dict[tuple[str, int], float]] = defaultdict(dict)
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for line in json_lines(samples):
        with reading(samples, line.number):
            key, sample = key_of(line.value), str(line.value["sample_id"])
            if key not in known:
                raise ValueError(f"the result `{harmless(key)}` is none of the log's")
            place = seen[key, sample]
            seen[key, sample] += 1
            found[key][sample, place] = float(mapping(line.value["evaluation"])["score"])
    return found


def _task(
    name: str,
    results: list[_Result],
    content: Mapping[str, Any],
    numbers: Mapping[str, Mapping[tuple[str, int], float]],
    known: Task | None,
    samples: Path,
) -> LoggedTask:
    metrics = list(dict.fromkeys(result.metric for result in results))
    filters = list(dict.fromkeys(result.filter_name for result in results))
    reading_of = choose_reading(metrics, filters, task=name, known=known, entry=look_up(name))
    wanted = (reading_of.metric, reading_of.filter_name)
    primary = next((r for r in results if (r.metric, r.filter_name) == wanted), results[0])
    others = {
        f"{result.metric},{result.filter_name}": numbers.get(result.key, {})
        for result in results
        if result is not primary
    }
    task = _record(primary, numbers.get(primary.key, {}))
    rows = SharedRows(path=samples, task=task, key=primary.key, others=others)
    return LoggedTask(
        task=task,
        settings=_settings(primary, task, content),
        place=str(samples),
        items=rows.items,
        notes=reading_of.notes,
    )


def _record(result: _Result, numbers: Mapping[tuple[str, int], float]) -> Task:
    details, entry = result.details, look_up(result.task)
    domain = str(details.get("domain") or (entry.domain if entry else "other"))
    output_type = OutputType(details.get("output_type") or OutputType.GENERATE)
    version = str(details["version"]) if "version" in details else UNKNOWN
    chance = details.get("chance")
    shots = details.get("n_shots")
    is_bounded = result.metric not in UNBOUNDED_METRICS and all(
        0 <= number <= 1 for number in numbers.values() if math.isfinite(number)
    )
    return Task(
        name=result.task,
        domain=domain if domain in DOMAINS else "other",
        role=Role(details.get("role") or (entry.role if entry else Role.GENERAL)),
        purpose=Purpose(details.get("purpose") or (entry.purpose if entry else Purpose.DEV)),
        metric=result.metric,
        filter=result.filter_name,
        partner=str(details["partner"]) if "partner" in details else None,
        chance=float(chance)
        if chance is not None
        else nominal_chance(entry, output_type, result.metric),
        higher_is_better=not result.config["lower_is_better"],
        aggregate=Aggregate(details.get("aggregate") or Aggregate.MEAN),
        is_sampled=details.get("is_sampled") == "true",
        is_bounded=is_bounded,
        output_type=output_type,
        version=version,
        n_shots=int(shots) if shots is not None else 0,
        fingerprint=str(
            details.get("fingerprint") or digest(result.task, version, result.key)[:16]
        ),
    )


def _settings(result: _Result, task: Task, content: Mapping[str, Any]) -> Settings:
    details = result.details
    arguments = mapping(result.fields.get("generation_config")).get("generation_args")
    given = mapping(arguments)
    asked = {k: given[k] for k in ("temperature", "top_p", "top_k", "max_tokens") if k in given}
    return {
        "harness": harmless(str(mapping(content["eval_library"])["name"])),
        "version": None if task.version == UNKNOWN else task.version,
        "few-shot examples": None if "n_shots" not in details else str(task.n_shots),
        "metric": task.metric,
        "filter": task.filter,
        "generation settings": repr(sorted(asked.items())) if asked else None,
        "chat template": None,
        "definition of the task": str(details["fingerprint"]) if "fingerprint" in details else None,
    }
