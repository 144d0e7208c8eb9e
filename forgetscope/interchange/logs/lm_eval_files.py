"""Which files of a folder are one run of lm-eval: the newest of each task, and its results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
    n_older: int
    """Older files of the same task, which are not read."""


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
    dated = [_dated(path) for path in samples]
    read = {date: _results(samples[0].parent, date) for _, date, _ in dated}
    _check_model(samples[0].parent, read.values())
    newest: dict[str, tuple[str, Path]] = {}
    for task, date, path in dated:
        newest[task] = max(newest.get(task, (date, path)), (date, path))
    return tuple(
        TaskFiles(
            task=task,
            date=date,
            samples=path,
            results_path=read[date].path,
            results=read[date].content,
            n_older=sum(name == task for name, _, _ in dated) - 1,
        )
        for task, (date, path) in sorted(newest.items())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results:
    path: Path | None
    content: Mapping[str, Any]


def _dated(path: Path) -> tuple[str, str, Path]:
    match = _SAMPLES.fullmatch(path.name)
    if match is None:
        raise LogError(
            f"`{path}` is no log of samples of lm-eval",
            hint="their names are `samples_<task>_<time>.jsonl`",
        )
    return match["task"], match["date"] or "", path


def _results(folder: Path, date: str) -> _Results:
    path = results_beside(folder, date)
    return _Results(path=path, content=json_object(path) if path else {})


def results_beside(folder: Path, date: str) -> Path | None:
    """Return the results that were written at one time into a folder; `None` if there are none."""
    for path in sorted(folder.iterdir()):
        match = _RESULTS.fullmatch(path.name)
        if match and (match["date"] or "") == date and path.is_file():
            return path
    return None


def _check_model(folder: Path, results: Iterable[_Results]) -> None:
    models = {
        str(each.content["model_name"]): each for each in results if "model_name" in each.content
    }
    if len(models) > 1:
        (first, one), (second, other), *_ = models.items()
        names = [each.path.name if each.path else "" for each in (one, other)]
        raise LogError(
            f"`{folder}` holds logs of several models: `{first}` ({names[0]}) and `{second}` "
            f"({names[1]})",
            hint="move the files of each model to a folder of its own",
        )
