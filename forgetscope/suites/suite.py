"""Suites: a choice of tasks, from a preset, a file or a list of names."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from forgetscope.errors import UnknownNameError, UsageError, nearest
from forgetscope.records import Role
from forgetscope.suites.domains import check_domain

__all__ = ["TESTBED", "Suite", "TaskChoice", "load_suite", "preset_names", "suite_of"]

TESTBED = "testbed"
"""The preset whose tasks are made by the testbed, not by lm-eval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChoice:
    """One task of a suite, with what the suite wants otherwise than the task's own default."""

    name: str
    """A task or group of lm-eval, or a task of the testbed."""
    limit: int | None = None
    """Evaluate this many documents, a seeded random subset; `None` for all."""
    shots: int | None = None
    """Few-shot examples; `None` for the task's own number."""
    max_new_tokens: int | None = None
    """Cap of a generated answer; `None` for the task's own."""
    temperature: float | None = None
    """Of a generated answer: above 0 answers are drawn at random; `None` for the task's own."""
    domain: str | None = None
    role: Role | None = None
    metric: str | None = None
    filter: str | None = None

    def __post_init__(self) -> None:
        if self.domain is not None:
            check_domain(self.domain)
        for field, least in (("limit", 1), ("shots", 0), ("max_new_tokens", 1)):
            value = getattr(self, field)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise UsageError(
                    f"`{field}` of task `{self.name}` is {value!r}; "
                    f"it must be a whole number of at least {least}"
                )
        if self.temperature is not None and not _is_temperature(self.temperature):
            raise UsageError(
                f"`temperature` of task `{self.name}` is {self.temperature!r}; "
                "it must be a number of at least 0"
            )


def _is_temperature(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= float(value) < math.inf  # type: ignore[arg-type]  # it is a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A frozen choice of tasks."""

    name: str
    choices: tuple[TaskChoice, ...]
    target: str | None = None
    """Domain that was trained for."""
    seed: int = 1234
    """Seed of the few-shot examples and of the random subsets."""

    def __post_init__(self) -> None:
        if not self.choices:
            raise UsageError(f"the suite `{self.name}` has no task")
        if self.target is not None:
            check_domain(self.target)

    @property
    def fingerprint(self) -> str:
        """Hex digest of the whole choice, without the suite's name."""
        record = dataclasses.asdict(self)
        del record["name"]
        for choice in record["choices"]:
            # it came later: suites without it keep their fingerprint
            if choice["temperature"] is None:
                del choice["temperature"]
        text = json.dumps(record, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def merged(self, other: Suite) -> Suite:
        """Return this suite with the tasks of `other` added or put in place of its own."""
        choices = {choice.name: choice for choice in (*self.choices, *other.choices)}
        name = (
            other.name if set(choices) == {choice.name for choice in other.choices} else self.name
        )
        return dataclasses.replace(
            self, name=name, choices=tuple(choices.values()), target=other.target or self.target
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `suite_of` reads back."""
        tasks = [
            {key: value for key, value in dataclasses.asdict(choice).items() if value is not None}
            for choice in self.choices
        ]
        return {"name": self.name, "target": self.target, "seed": self.seed, "task": tasks}


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets."""
    shipped = (
        entry.name.removesuffix(".toml")
        for entry in files("forgetscope.suites").joinpath("presets").iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(sorted({TESTBED, *shipped}))


def load_suite(name: str) -> Suite:
    """Return the preset called `name`, or the suite of the TOML file of that path.

    Raises
    ------
    UnknownNameError
        If there is neither such a preset nor such a file.
    UsageError
        If the file is no suite; the message names file and key.
    """
    if name == TESTBED:
        return Suite(name=TESTBED, choices=(TaskChoice(name="testbed_*"),), target="math")
    if name in preset_names():
        preset = files("forgetscope.suites").joinpath("presets", f"{name}.toml")
        return suite_of(tomllib.loads(preset.read_text(encoding="utf-8")), where=name)
    path = Path(name)
    if not path.is_file():
        raise UnknownNameError("suite", name, known=preset_names())
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"`{path}` is no TOML: {error}") from error
    return suite_of({"name": path.stem, **content}, where=str(path))


def suite_of(content: Mapping[str, Any], *, where: str) -> Suite:
    """Return the suite of plain values; errors speak of `where`."""
    _refuse_unknown(content, {"name", "description", "target", "seed", "task"}, where=where)
    tasks = content.get("task")
    if not isinstance(tasks, Sequence) or not all(isinstance(task, Mapping) for task in tasks):
        raise UsageError(
            f"`{where}` has no list of tasks",
            hint='write one block `[[task]]` with `name = "..."` each',
        )
    return Suite(
        name=str(content.get("name", where)),
        target=content.get("target"),
        seed=int(content.get("seed", 1234)),
        choices=tuple(_choice(task, where=where) for task in tasks),
    )


def _choice(task: Mapping[str, Any], *, where: str) -> TaskChoice:
    fields = {field.name for field in dataclasses.fields(TaskChoice)}
    _refuse_unknown(task, fields, where=where)
    if "name" not in task:
        raise UsageError(f"a task of `{where}` has no `name`")
    roles = [role.value for role in Role]
    role = task.get("role")
    if role is not None and role not in roles:
        raise UnknownNameError("role", str(role), known=roles)
    return TaskChoice(**{**task, "role": None if role is None else Role(role)})


def _refuse_unknown(content: Mapping[str, Any], known: set[str], *, where: str) -> None:
    for key in content:
        if key not in known:
            near = nearest(key, known)
            raise UsageError(
                f"unknown key `{key}` in `{where}`",
                hint=f"did you mean `{near[0]}`?" if near else f"known: {', '.join(sorted(known))}",
            )
