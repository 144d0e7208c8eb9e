"""A recipe out of a file and of what a command says beside it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from forgetscope.errors import UsageError
from forgetscope.recap import Recipe, read_content, recipe_of

__all__ = ["RecipeOptions", "recipe_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOptions:
    """What a command says of a recipe."""

    config: Path | None = None
    """A recipe file; what the command says goes before it."""
    settings: tuple[str, ...] = ()
    """`KEY=VALUE` each, the key with dots, the value as YAML reads it."""
    method: str | None = None
    rule: str | None = None
    budget: float | None = None
    """Largest loss of each general domain, a share."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Keys with dots; `None` leaves the file's value alone."""


def recipe_from(options: RecipeOptions) -> Recipe:
    """Return the recipe of a file and of what a command says, which goes first.

    Raises
    ------
    UsageError
        The file or a setting makes no sense, or the budget and another rule exclude each other.
    """
    file = {} if options.config is None else read_content(options.config)
    where = str(options.config or "the command")
    content: dict[str, Any] = deepcopy(dict(file))
    for text in options.settings:
        key, value = _setting(text)
        _put(content, key, value)
    for key, value in options.values.items():
        if value not in (None, []):
            _put(content, key, value)
    if options.method is not None:
        content["method"] = options.method
    _put_rule(content, options)
    return recipe_of(content, where=where)


def _put_rule(content: dict[str, Any], options: RecipeOptions) -> None:
    if options.rule is not None:
        _put(content, "rule.name", options.rule)
    if options.budget is None:
        return
    name = (content.get("rule") or {}).get("name", "budget")
    method = content.get("method", "recap")
    if name != "budget" or method != "recap":
        raise UsageError(
            f"a budget is kept by the rule `budget` of the method `recap`, not by `{name}` of "
            f"`{method}`",
            hint="leave `--rule` and `--method` out",
        )
    _put(content, "rule.name", "budget")
    _put(content, "rule.budget", options.budget)


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"`--set {text}` has no value", hint="write `--set run.steps=100`")
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"the value of `--set {text}` cannot be read") from error
    return key, _number(read)


def _number(value: object) -> object:
    """Return a text that is a number as one: YAML reads 3e-4 as text, and people write it."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _put(content: dict[str, Any], key: str, value: object) -> None:
    """Set a key with dots, making the sections on its way."""
    *sections, last = key.split(".")
    place = content
    for section in sections:
        inner = place.get(section)
        place[section] = dict(inner) if isinstance(inner, Mapping) else {}
        place = place[section]
    place[last] = value
