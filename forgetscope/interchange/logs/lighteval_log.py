"""Details of lighteval (`--save-details`): one parquet file a task, one row a document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.diagnosis.measured import metric_number
from forgetscope.errors import LogError
from forgetscope.interchange.logs.lighteval_rows import Details, details_rows, scores_of
from forgetscope.interchange.logs.lines import digest_of, json_object, reading
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
from forgetscope.interchange.logs.texts import mapping
from forgetscope.records import OutputType, Purpose, Role, Task
from forgetscope.records.identity import digest
from forgetscope.suites import look_up, nominal_chance

__all__ = ["HARNESS", "read_lighteval"]

HARNESS = "lighteval"
_NAME = re.compile(r"details_(?P<task>.+)_(?P<date>\d{4}-\d\d-\d\dT[\d.:-]+)\.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class _TaskFile:
    path: Path
    label: str
    """The name in the file and in the results: suite, task and few-shot examples."""
    results: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The task alone: lighteval writes `[suite|]task|shots`."""
        parts = self.label.split("|")
        return harmless(parts[-2] if len(parts) > 1 else parts[0])

    @property
    def shots(self) -> int | None:
        last = self.label.split("|")[-1]
        return int(last) if last.isdecimal() and len(last) < 6 and "|" in self.label else None

    @property
    def config(self) -> Mapping[str, Any]:
        return mapping(mapping(self.results.get("config_tasks")).get(self.label))


def read_lighteval(
    files: Sequence[Path], *, known: Mapping[str, Task], wanted: Wanted = everything
) -> Log:
    """Read the details of one run.

    Parameters
    ----------
    files
        Parquet files of one folder.
    known
        Tasks of the study, whose metric is read where the log has it.
    wanted
        Which tasks are read.

    Raises
    ------
    LogError
        If a file is malformed, or of a version of lighteval that wrote other columns.
    """
    results_path = _results_of(files[0])
    results = json_object(results_path) if results_path else {}
    named = [_TaskFile(path=path, label=_label(path), results=results) for path in files]
    chosen = [each for each in named if wanted(each.name)]
    general = mapping(results.get("config_general"))
    config = mapping(general.get("model_config"))
    sources = [each.path for each in chosen] + ([results_path] if results_path else [])
    engine = {"dtype": config.get("dtype"), "lighteval": general.get("lighteval_sha")}
    model = general.get("model_name") or config.get("model_name") or files[0].parent.parent.name
    revision = config.get("revision")
    return Log(
        path=files[0].parent,
        model=f"{model}@{revision}" if revision and revision != "main" else str(model),
        harness=HARNESS,
        engine={key: harmless(str(value)) for key, value in engine.items() if value},
        digests=tuple(sorted(digest_of(path) for path in sources)),
        tasks=tuple(_task(each, known) for each in chosen),
    )


def _label(path: Path) -> str:
    match = _NAME.fullmatch(path.name)
    return match["task"] if match else path.stem.removeprefix("details_")


def _results_of(path: Path) -> Path | None:
    """Return the results that were written with some details; `None` where they are missing."""
    match = _NAME.fullmatch(path.name)
    parts = path.resolve().parent.parts
    if match is None or "details" not in parts:
        return None
    place = len(parts) - 1 - parts[::-1].index("details")
    folder = Path(*parts[:place], "results", *parts[place + 1 : -1])
    found = folder / f"results_{match['date']}.json"
    return found if found.is_file() else None


def _task(file: _TaskFile, known: Mapping[str, Task]) -> LoggedTask:
    with reading(file.path):
        first = next(iter(details_rows(file.path)), None)
        if first is None:
            raise LogError(f"`{file.path}` holds no documents", hint="leave the file out")
        metrics = [
            name for name, v in scores_of(first).items() if metric_number(name, v) is not None
        ]
        chosen = choose_reading(metrics, ["none"], task=file.name, known=known.get(file.name))
        task = _record(file, chosen.metric, first)
    rows = Details(path=file.path, task=task)
    return LoggedTask(
        task=task,
        settings=_settings(file, task, first),
        place=str(file.path),
        items=rows.items,
        # the catalog speaks of lm-eval's metrics, so that it fits none of these means nothing
        notes=() if file.results else (f"`{file.path}` has no results of its time beside it",),
    )


def _record(file: _TaskFile, metric: str, row: Mapping[str, Any]) -> Task:
    entry, version = look_up(file.name), file.config.get("version")
    is_choice = bool(row["model_response"].get("logprobs")) and len(row["doc"]["choices"]) > 1
    output_type = OutputType.MULTIPLE_CHOICE if is_choice else OutputType.GENERATE
    listed = file.config.get("metrics")
    directions = {
        mapping(each).get("metric_name"): mapping(each).get("higher_is_better", True)
        for each in (listed if isinstance(listed, list) else ())
    }
    settings = json.dumps([HARNESS, file.name, version, file.shots, metric])
    return Task(
        name=file.name,
        domain=entry.domain if entry else "other",
        role=entry.role if entry else Role.GENERAL,
        purpose=entry.purpose if entry else Purpose.DEV,
        metric=metric,
        chance=nominal_chance(None, output_type, metric),
        higher_is_better=bool(directions.get(metric, True)),
        output_type=output_type,
        version=UNKNOWN if version is None else str(version),
        n_shots=file.shots or 0,
        fingerprint=digest(settings)[:16],
    )


def _settings(file: _TaskFile, task: Task, row: Mapping[str, Any]) -> Settings:
    doc = row["doc"]
    cap, stops = doc.get("generation_size"), doc.get("stop_sequences")
    config = mapping(mapping(file.results.get("config_general")).get("model_config"))
    given = mapping(config.get("generation_parameters"))
    generation = {key: value for key, value in sorted(given.items()) if value is not None}
    return {
        "harness": HARNESS,
        "version": None if task.version == UNKNOWN else task.version,
        "few-shot examples": None if file.shots is None else str(file.shots),
        "metric": task.metric,
        "filter": task.filter,
        "generation settings": json.dumps([cap, stops, generation], default=str)
        if file.results
        else None,
        "chat template": None,
    }
