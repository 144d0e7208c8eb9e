"""A task of a suite, with what the suite wants otherwise than the task's own default."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import Purpose, Role
from forgetscope.suites.domains import check_domain
from forgetscope.suites.settings import YAML_SUFFIXES

__all__ = ["TaskChoice", "choice_named", "choice_of", "is_rows_file", "is_task_file"]

_LATER = ("temperature", "top_p", "total", "strata", "file")
"""Fields that came later: suites without them keep their fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChoice:
    """One task of a suite."""

    name: str
    """A task, group or tag of lm-eval, a task of the testbed, or what a file of one's own is
    called."""
    file: str | None = None
    """Absolute path of one's own task: JSON lines, or a task file of lm-eval (YAML)."""
    limit: int | None = None
    """Evaluate this many documents of each task, a seeded random subset; `None` for all."""
    total: int | None = None
    """Evaluate this many documents of a whole group, shared among its tasks in proportion to their
    sizes; `None` for all."""
    strata: str | None = None
    """Field of the document: a subset holds its values in the proportions of the whole."""
    shots: int | None = None
    """Few-shot examples; `None` for the task's own number."""
    max_new_tokens: int | None = None
    """Cap of a generated answer; `None` for the task's own."""
    temperature: float | None = None
    """Of a generated answer: above 0 answers are drawn at random; `None` for the task's own."""
    top_p: float | None = None
    """Of an answer drawn at random: the likeliest tokens of this probability mass; `None` for the
    task's own."""
    domain: str | None = None
    role: Role | None = None
    purpose: Purpose | None = None
    metric: str | None = None
    filter: str | None = None
    optional: bool = False
    """Whether it is left out with a note, and no error, where it cannot be run."""

    def __post_init__(self) -> None:
        if self.domain is not None:
            if not isinstance(self.domain, str):
                raise UsageError(
                    f"`domain` of task `{self.name}` is {self.domain!r}; it must be a text"
                )
            check_domain(self.domain)
        for field, least in (("limit", 1), ("total", 1), ("shots", 0), ("max_new_tokens", 1)):
            value = getattr(self, field)
            if value is not None and not _is_whole(value, least):
                raise UsageError(
                    f"`{field}` of task `{self.name}` is {value!r}; "
                    f"it must be a whole number of at least {least}"
                )
        if self.temperature is not None and not _is_amount(self.temperature):
            raise UsageError(
                f"`temperature` of task `{self.name}` is {self.temperature!r}; "
                "it must be a number of at least 0"
            )
        if self.top_p is not None and not (_is_amount(self.top_p) and 0 < self.top_p <= 1):
            raise UsageError(
                f"`top_p` of task `{self.name}` is {self.top_p!r}; "
                "it must be a number above 0, at most 1"
            )
        if not isinstance(self.optional, bool):
            raise UsageError(
                f"`optional` of task `{self.name}` is {self.optional!r}; write true or false"
            )
        self._check_texts()

    def _check_texts(self) -> None:
        for field in ("name", "file", "strata", "metric", "filter"):
            value = getattr(self, field)
            if value is not None and (not isinstance(value, str) or not value):
                raise UsageError(f"`{field}` of task `{self.name}` is {value!r}; it must be a text")
        if self.strata is not None and self.limit is None:
            raise UsageError(
                f"`strata` of task `{self.name}` says how a subset is drawn, and none is",
                hint="give it a `limit` too",
            )

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `choice_of` reads back."""
        values = dataclasses.asdict(self).items()
        return {key: value for key, value in values if value is not None and value is not False}

    def to_digest(self) -> dict[str, Any]:
        """Return what a fingerprint is made of: not where a file lies, and not what is noted."""
        record = dataclasses.asdict(self)
        del record["optional"], record["purpose"]
        if self.file is not None:
            record["file"] = Path(self.file).name
        return {key: v for key, v in record.items() if v is not None or key not in _LATER}


def is_rows_file(name: str) -> bool:
    """Whether a task is a file of questions, one a line."""
    return name.lower().endswith(".jsonl")


def is_task_file(name: str) -> bool:
    """Whether a task is named by the path of its file."""
    return is_rows_file(name) or name.lower().endswith(YAML_SUFFIXES)


def choice_named(name: str) -> TaskChoice:
    """Return the task of that name, or of the file of that path.

    Raises
    ------
    UsageError
        If it is a path, and there is no such file.
    """
    return choice_of({"file": name} if is_task_file(name) else {"name": name}, folder=Path())


def choice_of(task: Mapping[str, Any], *, folder: Path | None) -> TaskChoice:
    """Return the choice of plain values.

    Parameters
    ----------
    task
        Fields by name.
    folder
        Where the path of a file starts that is not absolute, and must exist; `None` where it was
        looked up before.
    """
    values = dict(task)
    if values.get("file") is not None:
        path = Path(str(values["file"])).expanduser()
        values["file"] = str(path) if folder is None else _found(path, folder)
        values.setdefault("name", path.stem)
    for field, kind in (("role", Role), ("purpose", Purpose)):
        value = values.get(field)
        known = [each.value for each in kind]
        if value is not None and value not in known:
            raise UnknownNameError(field, str(value), known=known)
        values[field] = None if value is None else kind(value)
    return TaskChoice(**values)


def _found(path: Path, folder: Path) -> str:
    if "\x00" in str(path):
        raise UsageError(f"`{path}` is no name of a file")
    found = (folder / path).resolve()
    if not is_task_file(found.name):
        raise UsageError(
            f"`{path}` is no task file",
            hint=f"write rows as `.jsonl`, a task of lm-eval as {' or '.join(YAML_SUFFIXES)}",
        )
    if not found.is_file():
        siblings = [p.name for p in found.parent.glob("*") if is_task_file(p.name)]
        raise UnknownNameError("task file", str(path), known=siblings)
    return str(found)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_amount(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= sys.float_info.max  # type: ignore[operator]  # it is a number
