"""A task file of one's own, in lm-eval's words: settings and templates, and no code.

Such a file can name Python (`!function`, `class`, a data set or metric with a script). What it
names would run with the rights of whoever evaluates, so it is refused: a suite that somebody else
wrote must not be able to run anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from lm_eval.api.task import ConfigurableTask

from forgetscope.errors import DataError, UsageError
from forgetscope.suites.settings import read_settings

__all__ = ["TaskFile", "read_task_file"]

_DEPTH = 10
"""Files that include each other, at most."""
_CODE_KEYS = ("class", "custom_dataset", "trust_remote_code")
_CODE_READERS = ("generator", "pandas", "spark", "sql", "webdataset")
"""Readers of `datasets` that unpickle, or run what they are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """The configuration of a task, with all that it includes."""

    name: str
    config: Mapping[str, Any]

    def build(self, overrides: Mapping[str, Any]) -> ConfigurableTask:
        """Build the task, with some keys replaced."""
        return ConfigurableTask(config=deepcopy({**self.config, **overrides}))


def read_task_file(path: Path) -> TaskFile:
    """Return the task of a YAML file.

    Raises
    ------
    DataError
        If there is no such file.
    UsageError
        If it is no YAML, defines no task, or names code; the message says which.
    """
    config = _with_included(path, depth=0)
    if "group" in config or not isinstance(config.get("task", path.stem), str):
        raise UsageError(
            f"`{path}` is a group, not a task", hint="name the files of its tasks one by one"
        )
    for key in ("tag", "include"):
        config.pop(key, None)
    _refuse_code(config, path)
    if not config.get("dataset_path"):
        raise UsageError(
            f"`{path}` names no data",
            hint="write `dataset_path: json` and `dataset_kwargs: {data_files: {test: FILE}}`",
        )
    config["dataset_kwargs"] = _absolute(config.get("dataset_kwargs"), path.parent)
    name = str(config.setdefault("task", path.stem))
    return TaskFile(name=name, config=config)


def _with_included(path: Path, *, depth: int) -> dict[str, Any]:
    if depth > _DEPTH:
        raise UsageError(f"`{path}` is included in itself")
    if not path.is_file():
        raise DataError(f"no task file `{path}`")
    text = path.read_text(encoding="utf-8", errors="replace")
    if any(isinstance(token, yaml.TagToken) for token in _tokens(text)):
        raise _code(path, "a tag such as `!function`")
    own = dict(read_settings(path, noun="task file", option="--tasks"))
    included = own.pop("include", None) or ()
    merged: dict[str, Any] = {}
    for name in [included] if isinstance(included, str) else included:
        merged |= _with_included(path.parent / str(name), depth=depth + 1)
    return {**merged, **own}


def _tokens(text: str) -> Iterator[yaml.Token]:
    try:
        yield from yaml.scan(text)
    except yaml.YAMLError:  # told by whoever reads it next, with the line
        return


def _refuse_code(config: Mapping[str, Any], path: Path) -> None:
    for key, value in _leaves(config):
        if key in _CODE_KEYS and value:
            raise _code(path, f"`{key}`")
        if key == "hf_evaluate" and value:
            raise _code(path, "`hf_evaluate`, a metric that is fetched as code")
        if key == "dataset_path" and value in _CODE_READERS:
            raise _code(path, f"`dataset_path: {value}`, which can run what it reads")
        # templates reach Python through names with two underscores, or names made at run time
        if isinstance(value, str) and "{" in value and ("__" in value or "attr(" in value):
            raise _code(path, f"a template of `{key}` that reaches for Python's insides")


def _leaves(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield key, value


def _code(path: Path, what: str) -> UsageError:
    return UsageError(
        f"`{path}` runs code: {what}",
        hint="write it with templates, or its questions as JSON lines",
    )


def _absolute(kwargs: object, folder: Path) -> dict[str, Any]:
    """Return the data's settings with files found from the task file's own folder."""
    found = dict(kwargs) if isinstance(kwargs, Mapping) else {}
    if "data_files" in found:
        found["data_files"] = _placed(found["data_files"], folder.resolve())
    return found


def _placed(files: Any, folder: Path) -> Any:  # noqa: ANN401  # a name, a list or a table of them
    if isinstance(files, Mapping):
        return {split: _placed(inner, folder) for split, inner in files.items()}
    if isinstance(files, list):
        return [_placed(inner, folder) for inner in files]
    return str(files) if "://" in str(files) else str(folder / str(files))
