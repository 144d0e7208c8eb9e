"""Suites: a choice of tasks, from a preset, a file or a list of names."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from forgetscope.errors import UnknownNameError, UsageError, nearest
from forgetscope.plugins import PluginKind, called, load_plugin, plugin_names
from forgetscope.suites.choice import TaskChoice, choice_of, is_rows_file
from forgetscope.suites.domains import check_domain
from forgetscope.suites.policy import POLICY_KEYS, PolicyFile, policy_of
from forgetscope.suites.settings import read_settings

__all__ = ["TESTBED", "Suite", "load_suite", "preset_names", "suite_of"]

TESTBED = "testbed"
"""The preset whose tasks are made by the testbed, not by lm-eval."""
_KEYS = ("name", "description", "extends", "target", "seed", "task", *POLICY_KEYS)
_TASK_KEYS = tuple(each.name for each in dataclasses.fields(TaskChoice))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A frozen choice of tasks."""

    name: str
    description: str = ""
    """What it is for, in one line."""
    choices: tuple[TaskChoice, ...]
    target: str | None = None
    """Domain that was trained for."""
    seed: int = 1234
    """Seed of the few-shot examples and of the random subsets."""
    policy: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What has to be proved of its domains unless a call says otherwise, as `policy_of` reads it;
    empty for the general defaults."""

    def __post_init__(self) -> None:
        if not self.choices:
            raise UsageError(f"the suite `{self.name}` has no task")
        if self.target is not None:
            check_domain(self.target)

    @property
    def fingerprint(self) -> str:
        """Hex digest of what is asked: neither the suite's name nor its policy belong to it."""
        record = {
            "choices": [choice.to_digest() for choice in self.choices],
            "target": self.target,
            "seed": self.seed,
        }
        text = json.dumps(record, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def default_policy(self) -> PolicyFile | None:
        """Return what the suite wants proved of its domains; `None` where it does not say."""
        if not self.policy:
            return None
        return policy_of(self.policy, where=f"the suite {self.name}")

    def merged(self, other: Suite) -> Suite:
        """Return this suite with the tasks of `other` added or put in place of its own."""
        choices = {choice.name: choice for choice in (*self.choices, *other.choices)}
        is_whole = set(choices) == {choice.name for choice in other.choices}
        named = other if is_whole else self
        return dataclasses.replace(
            self,
            name=named.name,
            description=named.description,
            choices=tuple(choices.values()),
            target=other.target or self.target,
            policy=other.policy or self.policy,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `suite_of` reads back."""
        tasks = [choice.to_json() for choice in self.choices]
        content = {"name": self.name, "target": self.target, "seed": self.seed, "task": tasks}
        described = {"description": self.description} if self.description else {}
        return {**content, **described, **self.policy}


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets."""
    shipped = (
        entry.name.removesuffix(".toml")
        for entry in files("forgetscope.suites").joinpath("presets").iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(sorted({TESTBED, *shipped}))


def load_suite(name: str) -> Suite:
    """Return the preset called `name`, the suite of the file of that path, or a plugin's.

    Raises
    ------
    UnknownNameError
        If there is neither such a preset, nor such a file, nor such a plugin.
    UsageError
        If the file or what the plugin returns is no suite; the message names it and the key.
    PluginError
        If the plugin of that name cannot be loaded or fails.
    """
    if name == TESTBED:
        return Suite(
            name=TESTBED,
            description="a small world of the project's own, made on the spot; no data needed",
            choices=(TaskChoice(name="testbed_*"),),
            target="math",
        )
    if name in preset_names():
        preset = Path(str(files("forgetscope.suites").joinpath("presets", f"{name}.toml")))
        content = read_settings(preset, noun="preset", option="--suite")
        return suite_of(content, where=name)
    path = Path(name)
    if not path.is_file():
        return _suite_of_plugin(name)
    content = {} if is_rows_file(name) else read_settings(path, noun="suite", option="--suite")
    if is_rows_file(name) or "dataset_path" in content:
        raise UsageError(
            f"`{path}` is a task, not a suite",
            hint=f'name it with `--tasks {path}`, or as `file = "{path.name}"` in a suite file',
        )
    return suite_of({"name": path.stem, **content}, where=str(path), folder=path.parent)


def _suite_of_plugin(name: str) -> Suite:
    offered = plugin_names(PluginKind.SUITE)
    if name not in offered:
        raise UnknownNameError("suite", name, known=[*preset_names(), *offered])
    plugin = load_plugin(PluginKind.SUITE, name)
    content = called(plugin)
    if not isinstance(content, Mapping):
        raise UsageError(
            f"the suite `{name}` of `{plugin.package}` is no mapping but {type(content).__name__}",
            hint="its function returns what a suite file would hold, as `tomllib` reads it",
        )
    return suite_of({"name": name, **content}, where=f"{name} of {plugin.package}")


def suite_of(content: Mapping[str, Any], *, where: str, folder: Path | None = None) -> Suite:
    """Return the suite of plain values; errors speak of `where`.

    Parameters
    ----------
    content
        The keys of a suite file.
    where
        What messages call it.
    folder
        Where the paths of its task files start; `None` where they were looked up before.
    """
    _refuse_unknown(content, _KEYS, where=where)
    tasks = content.get("task", () if "extends" in content else None)
    is_list = isinstance(tasks, Sequence) and not isinstance(tasks, str)
    if not is_list or not all(isinstance(task, Mapping) for task in tasks):
        raise UsageError(
            f"`{where}` has no list of tasks",
            hint='write one block `[[task]]` with `name = "..."` each',
        )
    choices = [_choice(task, where=where, folder=folder) for task in tasks]
    _refuse_twice([choice.name for choice in choices], where=where)
    policy = {key: content[key] for key in POLICY_KEYS if key in content}
    policy_of(policy, where=where)
    return Suite(
        name=_text(content, "name", where=where) or where,
        description=_text(content, "description", where=where) or "",
        target=_text(content, "target", where=where),
        seed=_seed(content, where=where),
        choices=(*_extended(content, choices, where=where), *choices),
        policy=policy,
    )


def _extended(
    content: Mapping[str, Any], own: Sequence[TaskChoice], *, where: str
) -> tuple[TaskChoice, ...]:
    """Return the tasks of the preset that a suite extends, but for those it has itself."""
    name = _text(content, "extends", where=where)
    if name is None:
        return ()
    if name not in preset_names():
        raise UnknownNameError(f"preset in `extends` of `{where}`:", name, known=preset_names())
    taken = {choice.name for choice in own}
    return tuple(choice for choice in load_suite(name).choices if choice.name not in taken)


def _text(content: Mapping[str, Any], key: str, *, where: str) -> str | None:
    value = content.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{where}`: `{key}` cannot be {value!r}", hint="write a name")
    return value


def _seed(content: Mapping[str, Any], *, where: str) -> int:
    value = content.get("seed", 1234)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(
            f"`{where}`: `seed` cannot be {value!r}", hint="write a whole number of at least 0"
        )
    return value


def _choice(task: Mapping[str, Any], *, where: str, folder: Path | None) -> TaskChoice:
    _refuse_unknown(task, _TASK_KEYS, where=where)
    if task.get("name") is None and task.get("file") is None:
        raise UsageError(f"a task of `{where}` has no `name` and no `file`")
    return choice_of(task, folder=folder)


def _refuse_twice(names: Sequence[str], *, where: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"`{where}` has two tasks `{twice}`", hint="write each task once, in one block"
        )


def _refuse_unknown(content: Mapping[str, Any], known: Sequence[str], *, where: str) -> None:
    for key in content:
        if key not in known:
            near = nearest(str(key), known)
            raise UsageError(
                f"unknown key `{key}` in `{where}`",
                hint=f"did you mean `{near[0]}`?" if near else f"known: {', '.join(sorted(known))}",
            )
