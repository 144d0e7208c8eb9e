"""Which files of a folder are one run of lm-eval: the newest of each task, and its results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import LogError
from forgetscope.interchange.logs.lines import json_object

__all__ = ["TaskFiles", "newest_of_each_task", "results_beside"]

_SAMPLES = re.compile(r"samples_(?P<task>.+?)(?:_(?P<date>\d{4}-\d\d-\d\dT[\d.:-]+))?\.jsonl")
_RESULTS = re.compile(r"results(?:_(?P<date>\d{4}-\d\d-\d\dT[\d.:-]+))?\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFiles:
    """The files that tell of one task."""

    task: str
    date: str
    """As the file name has it; empty where it has none."""
    samples: Path
    results_path: Path | None
    """`None` where the folder holds no results of that time."""
    results: Mapping[str, Any]
    """Their content; empty where there are none."""


def newest_of_each_task(samples: Sequence[Path]) -> tuple[TaskFiles, ...]:
    """Return the newest file of each task, with the results that were written with it.

    Parameters
    ----------
    samples
        `samples_<task>_<time>.jsonl` files of one folder.

    Raises
    ------
    LogError
        If a name is no such name, or the results are of several models.
    """
    newest: dict[str, tuple[str, Path]] = {}
    for path in samples:
        match = _SAMPLES.fullmatch(path.name)
        if match is None:
            raise LogError(
                f"`{path}` is no log of samples of lm-eval",
                hint="their names are `samples_<task>_<time>.jsonl`",
            )
        found = (match["date"] or "", path)
        newest[match["task"]] = max(newest.get(match["task"], found), found)
    read: dict[Path, Mapping[str, Any]] = {}
    files = []
    for task, (date, path) in sorted(newest.items()):
        results = results_beside(path.parent, date)
        if results is not None and results not in read:
            read[results] = json_object(results)
        files.append(
            TaskFiles(
                task=task,
                date=date,
                samples=path,
                results_path=results,
                results=read[results] if results else {},
            )
        )
    _check_model(files)
    return tuple(files)


def results_beside(folder: Path, date: str) -> Path | None:
    """Return the results that were written at one time into a folder; `None` if there are none."""
    for path in sorted(folder.iterdir()):
        match = _RESULTS.fullmatch(path.name)
        if match and (match["date"] or "") == date and path.is_file():
            return path
    return None


def _check_model(files: Sequence[TaskFiles]) -> None:
    models = {
        str(each.results["model_name"]): each for each in files if "model_name" in each.results
    }
    if len(models) > 1:
        (first, one), (second, other), *_ = models.items()
        raise LogError(
            f"`{one.samples.parent}` holds logs of several models: `{first}` "
            f"({one.samples.name}) and `{second}` ({other.samples.name})",
            hint="move the files of each model to a folder of its own",
        )
