"""A log of lm-eval (`--log_samples`): `results_<time>.json` and `samples_<task>_<time>.jsonl`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from forgetscope.errors import LogError
from forgetscope.interchange.logs.lines import digest_of, json_lines, reading
from forgetscope.interchange.logs.lm_eval_files import TaskFiles, newest_of_each_task
from forgetscope.interchange.logs.lm_eval_rows import Rows, output_type_of
from forgetscope.interchange.logs.lm_eval_survey import LABELLED, Survey, survey
from forgetscope.interchange.logs.logged import (
    UNKNOWN,
    Log,
    LoggedTask,
    Settings,
    Wanted,
    everything,
)
from forgetscope.interchange.logs.names import harmless
from forgetscope.interchange.logs.reading import Reading, choose_reading
from forgetscope.interchange.logs.texts import mapping
from forgetscope.records import UNBOUNDED_METRICS, Aggregate, OutputType, Purpose, Role, Task
from forgetscope.suites import (
    PLACE_KEYS,
    decoding_of,
    look_up,
    nominal_chance,
    task_fingerprint,
)

__all__ = ["HARNESS", "read_lm_eval"]

HARNESS = "lm-eval"
_ADDRESS = re.compile(r"^<function (?P<name>[\w.<>]+) at 0x[0-9a-f]+>$")
_TOLERANCE = 1e-6  # results are rounded nowhere, so what differs more is other data


def read_lm_eval(
    samples: Sequence[Path], *, known: Mapping[str, Task], wanted: Wanted = everything
) -> Log:
    """Read one run.

    Parameters
    ----------
    samples
        Files of samples of one folder; the newest of each task is read.
    known
        Tasks of the study, whose metric and filter are read where the log has them.
    wanted
        Which tasks are read.

    Raises
    ------
    LogError
        If a file is malformed, cut off, or not of the same run as its results.
    """
    files = newest_of_each_task(samples)
    chosen = [each for each in files if wanted(harmless(each.task))]
    tasks = tuple(_task(each, known) for each in chosen)
    results = next((each.results for each in chosen if each.results), {})
    paths = {path for each in chosen for path in (each.samples, each.results_path) if path}
    return Log(
        path=samples[0].parent,
        model=_model(results) or samples[0].parent.name,
        harness=HARNESS,
        harness_version=_text(results.get("lm_eval_version")),
        engine=_engine(results),
        digests=tuple(sorted(digest_of(path) for path in paths)),
        tasks=tasks,
    )


def _task(files: TaskFiles, known: Mapping[str, Task]) -> LoggedTask:
    with reading(files.results_path or files.samples):
        found = survey(files.samples)
        name = harmless(files.task)
        config = _part(files.results, "configs", files.task)
        first = next(json_lines(files.samples)).value
        chosen = choose_reading(
            found.metrics, found.filters, task=name, known=known.get(name), entry=look_up(name)
        )
        task = _record(name, files, chosen, config=config, labelled=found.labelled, row=first)
        _check_against_results(files, found)
    delimiter = config.get("target_delimiter", " ")
    rows = Rows(
        path=files.samples,
        task=task,
        entry=look_up(name),
        delimiter=delimiter if isinstance(delimiter, str) else " ",
        numbers=found.numbers,
    )
    return LoggedTask(
        task=task,
        settings=_settings(files, task, config),
        place=str(files.samples),
        items=rows.items,
        notes=(*chosen.notes, *_notes(files)),
    )


def _notes(files: TaskFiles) -> list[str]:
    found = []
    if not files.results:
        found.append(f"`{files.samples}` has no `results_*.json` of its time beside it")
    if files.n_older:
        found.append(f"`{harmless(files.task)}`: {files.n_older} older logs are left out")
    return found


def _record(
    name: str,
    files: TaskFiles,
    chosen: Reading,
    *,
    config: Mapping[str, Any],
    labelled: frozenset[str],
    row: Mapping[str, Any],
) -> Task:
    entry, metric = look_up(name), chosen.metric
    output_type = _output_type(config, row)
    version = _version(files)
    directions = _part(files.results, "higher_is_better", files.task)
    decoding = decoding_of(mapping(config.get("generation_kwargs")))
    return Task(
        name=name,
        domain=entry.domain if entry else "other",
        role=entry.role if entry else Role.GENERAL,
        purpose=entry.purpose if entry else Purpose.DEV,
        metric=metric,
        filter=chosen.filter_name,
        partner=entry.partner if entry else None,
        chance=nominal_chance(entry, output_type, metric),
        higher_is_better=bool(directions.get(metric, metric not in UNBOUNDED_METRICS)),
        aggregate=LABELLED[metric] if metric in labelled else Aggregate.MEAN,
        is_sampled=output_type is OutputType.GENERATE and decoding.do_sample,
        is_bounded=metric not in UNBOUNDED_METRICS,
        output_type=output_type,
        version=version or UNKNOWN,
        n_shots=_shots(files) or 0,
        fingerprint=task_fingerprint(
            name,
            version=version or UNKNOWN,
            metric=metric,
            filter_name=chosen.filter_name,
            config=_definition(config),
        ),
    )


def _definition(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a configuration says of what is asked, as an evaluation here would have it.

    A function is logged as its source; below `fewshot_config` lm-eval logs where it lay in memory
    instead, though it is one of those above.
    """
    own = {key: value for key, value in config.items() if key not in PLACE_KEYS}
    inner = own.get("fewshot_config")
    if isinstance(inner, Mapping):
        own["fewshot_config"] = {
            key: own.get(key, _ADDRESS.sub(r"<function \g<name>>", value))
            if isinstance(value, str) and _ADDRESS.match(value)
            else value
            for key, value in inner.items()
        }
    return own


def _output_type(config: Mapping[str, Any], row: Mapping[str, Any]) -> OutputType:
    named = config.get("output_type")
    return OutputType(named) if isinstance(named, str) else output_type_of(row)


def _settings(files: TaskFiles, task: Task, config: Mapping[str, Any]) -> Settings:
    shots, results = _shots(files), files.results
    return {
        "harness": HARNESS,
        "version": _version(files),
        "few-shot examples": None if shots is None else str(shots),
        "metric": task.metric,
        "filter": task.filter,
        "generation settings": repr(decoding_of(mapping(config.get("generation_kwargs"))))
        if config
        else None,
        "chat template": (_text(results.get("chat_template_sha")) or "none")[:12]
        if "chat_template_sha" in results
        else None,
    }


def _check_against_results(files: TaskFiles, found: Survey) -> None:
    """Refuse samples that are not those of which the results speak."""
    told = _part(files.results, "results", files.task)
    expected = _part(files.results, "n-samples", files.task).get("effective")
    is_short = isinstance(expected, int) and found.n_documents < expected
    means = {
        f"{metric},{name}": _mean(found.column(metric, name))
        for metric in _means(files)
        for name in found.filters
    }
    other = next((key for key, mean in means.items() if _differs(told.get(key), mean)), None)
    is_checked = any(isinstance(told.get(key), int | float) for key in means)
    if is_short and (other or not is_checked):
        raise LogError(
            f"`{files.samples}` holds {found.n_documents:,} of {expected:,} documents: "
            "the file is cut off",
            hint="nothing of it was stored; write the log again, or copy it again as a whole",
        )
    if other:
        raise LogError(
            f"`{files.samples}` has {other} {means[other]:.4f}, and `{files.results_path}` says "
            f"{told[other]:.4f}: they are not of the same run",
            hint="put the files of one run into a folder of their own",
        )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _differs(told: object, mean: float) -> bool:
    is_known = isinstance(told, int | float) and math.isfinite(mean)
    return is_known and abs(mean - float(told)) > _TOLERANCE  # type: ignore[arg-type]  # a number


def _means(files: TaskFiles) -> list[str]:
    """Return the metrics whose score is the mean of its items, as far as the log says so."""
    listed = _part(files.results, "configs", files.task).get("metric_list")
    each = [mapping(entry) for entry in listed] if isinstance(listed, list) else []
    return [str(entry.get("metric")) for entry in each if entry.get("aggregation") == "mean"]


def _version(files: TaskFiles) -> str | None:
    versions = mapping(files.results.get("versions"))
    return _text(versions.get(files.task))


def _shots(files: TaskFiles) -> int | None:
    found = mapping(files.results.get("n-shot")).get(files.task)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _model(results: Mapping[str, Any]) -> str | None:
    """Return what names the weights: model, revision and adapter."""
    arguments = _arguments(mapping(results.get("config")).get("model_args"))
    name = arguments.get("pretrained") or arguments.get("model") or _text(results.get("model_name"))
    if not name:
        return None
    revision, adapter = arguments.get("revision"), arguments.get("peft")
    name += f"@{revision}" if revision and revision != "main" else ""
    return f"{name}+{adapter}" if adapter else name


def _arguments(given: object) -> dict[str, str]:
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    pairs = (part.partition("=") for part in str(given or "").split(","))
    return {key.strip(): value.strip() for key, mark, value in pairs if mark}


def _engine(results: Mapping[str, Any]) -> dict[str, str]:
    config = mapping(results.get("config"))
    found = {
        "backend": config.get("model"),
        "dtype": str(config.get("model_dtype") or "").removeprefix("torch.") or None,
        "transformers": results.get("transformers_version"),
        "chat_template": results.get("chat_template_sha"),
        "max_length": results.get("max_length"),
    }
    return {key: harmless(str(value)) for key, value in found.items() if value is not None}


def _part(results: Mapping[str, Any], key: str, task: str) -> Mapping[str, Any]:
    return mapping(mapping(results.get(key)).get(task))


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, list | Mapping) else str(value)
