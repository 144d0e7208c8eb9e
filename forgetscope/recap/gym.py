"""The tasks of reasoning-gym: what they are called, their questions, and what answers are worth.

The only door to reasoning-gym. Some of its verifiers pass the model's answer to `eval`; such an
answer is looked at first and never reaches them unless it is plain data (`inert.py`).
"""

from __future__ import annotations

import dataclasses
import importlib.util
import typing
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from forgetscope.errors import DataError, TrainingError, UnknownNameError, UsageError
from forgetscope.recap.inert import is_formula, is_harmless_to_eval

__all__ = ["check_task", "entries", "gym_domain", "is_installed", "score", "settings_of"]

_PACKAGE = "reasoning_gym"
_OURS = ("seed", "size")
"""Settings that a source has its own keys for."""
_NESTED = "composite"
"""The one task that is made of others and needs a nested configuration."""
_DOMAINS = {
    "algebra": "math",
    "arithmetic": "math",
    "geometry": "math",
    "probability": "math",
    "code": "code",
}
"""Our word for a category of tasks; all others are puzzles, hence `logic`."""

EVALUATED = ("binary_matrix", "n_queens", "spiral_matrix", "string_insertion")
"""Tasks whose verifier passes the answer to `eval`."""
PARSED = (
    "countdown",
    "intermediate_integration",
    "polynomial_multiplication",
    "puzzle24",
    "simple_integration",
)
"""Tasks whose verifier passes the answer to sympy's parser, which evaluates it as Python."""
_DISTANCE = ("complex_arithmetic", "polynomial_equations")
"""Tasks that reward nearness, to which a nan is as near as can be."""


def is_installed() -> bool:
    """Whether reasoning-gym can be used, without loading it."""
    return importlib.util.find_spec(_PACKAGE) is not None


def check_task(name: str) -> None:
    """Refuse a task that reasoning-gym does not have; `UnknownNameError` names the nearest."""
    known = [task for task in _registry() if task != _NESTED]
    if name not in known:
        raise UnknownNameError("task of reasoning-gym", name, known=known)


def gym_domain(name: str) -> str:
    """Return the domain of a task by its category: `math`, `code` or `logic`."""
    module: str = _registry()[name][0].__module__
    return _DOMAINS.get(module.split(".")[1], "logic")


def settings_of(
    name: str, given: Mapping[str, str], *, also: Collection[str] = ()
) -> dict[str, Any]:
    """Return the settings of a task as values of the types that the task declares.

    Parameters
    ----------
    also
        Names that are known elsewhere, for the hint at a name that nobody knows.

    Raises
    ------
    UnknownNameError
        If the task has no setting of that name.
    UsageError
        If a value has another type than the setting, or the task refuses it.
    """
    config = _registry()[name][1]
    types = typing.get_type_hints(config)
    known = [field.name for field in dataclasses.fields(config) if field.name not in _OURS]
    settings = {}
    for key, text in given.items():
        if key not in known:
            raise UnknownNameError(f"setting of `gym:{name}`:", key, known=(*known, *also))
        settings[key] = _value(text, types[key], f"`{key}` of `gym:{name}`")
    try:
        config(**settings).validate()
    except (AssertionError, TypeError, ValueError) as error:
        raise UsageError(
            f"`gym:{name}` refuses its settings {settings}: {str(error) or type(error).__name__}",
            hint=f"settings: {', '.join(known)}",
        ) from error
    return settings


def entries(name: str, settings: Mapping[str, Any], *, seed: int) -> Iterator[dict[str, Any]]:
    """Yield questions of a task without end, each with what its verifier needs.

    Raises
    ------
    DataError
        If the task fails to make a question.
    """
    try:
        dataset = _dataset(name, settings, seed)
        number = 0
        while True:
            yield dataset[number]
            number += 1
    except GeneratorExit:
        raise
    except Exception as error:  # a generator of questions is foreign code and may fail in any way
        raise DataError(
            f"`gym:{name}` cannot make a question: {type(error).__name__}: {error}"
        ) from error


def score(name: str, settings: Mapping[str, Any], entry: dict[str, Any], answer: str) -> float:
    """Return what the task's own verifier gives an answer; nan where it has no number for it."""
    if not _may_be_judged(name, entry, answer):
        return 0.0
    value = _verifier(name, tuple(sorted(settings.items(), key=str)))(answer, entry)
    return float(value)


def _may_be_judged(name: str, entry: Mapping[str, Any], answer: str) -> bool:
    if answer == entry["answer"]:
        return True
    if name in EVALUATED:
        return is_harmless_to_eval(answer)
    if name in PARSED:
        return is_formula(answer)
    return not (name in _DISTANCE and "nan" in answer.casefold())


def _value(text: str, kind: Any, where: str) -> Any:  # noqa: ANN401 (as a foreign record has it)
    if kind is str:
        return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{where} cannot be read: `{text}`") from error
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if typing.get_origin(kind) is tuple or kind is tuple:
        value = tuple(value) if isinstance(value, list) else value
    if isinstance(kind, type) and type(value) is not kind:
        raise UsageError(f"{where} is of type {kind.__name__}: `{text}`")
    return value


@lru_cache(maxsize=64)
def _verifier(name: str, settings: tuple[tuple[str, Any], ...]) -> Any:  # noqa: ANN401 (foreign)
    return _dataset(name, dict(settings), 0).score_answer


def _dataset(name: str, settings: Mapping[str, Any], seed: int) -> Any:  # noqa: ANN401 (foreign)
    dataset_class, config = _registry()[name]
    return dataset_class(config=config(**settings, seed=seed))


def _registry() -> dict[str, tuple[Any, Any]]:
    try:
        from reasoning_gym.factory import DATASETS
    except ImportError as error:
        raise TrainingError(
            "sources of the kind `gym:` need the package `reasoning-gym`",
            hint="pip install 'forgetscope[gym]'",
        ) from error
    registry: dict[str, tuple[Any, Any]] = DATASETS
    return registry
