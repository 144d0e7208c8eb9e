"""Rewards that are anybody's Python: `module:function`."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap.rewards.reward import Reward
from forgetscope.records import Lesson

__all__ = ["load_custom", "reward_of"]

_FORMS = "a reward is `def reward(completion, gold)` or `def reward(completion, lesson)`"


def load_custom(name: str) -> Reward:
    """Return the function that `module:function` names; a module may lie in this folder.

    Raises
    ------
    UsageError
        If the module cannot be loaded, or what is named is no function of two arguments.
    """
    module_name, _, function_name = name.partition(":")
    module = _module(module_name, name)
    if not hasattr(module, function_name):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise UnknownNameError(f"function of `{module_name}`:", function_name, known=known)
    return reward_of(getattr(module, function_name), name)


def reward_of(function: Any, name: str) -> Reward:  # noqa: ANN401  # whatever was named
    """Return anybody's function as a reward.

    Its second parameter decides what it gets: the whole `Lesson` if it is called `lesson` or
    annotated so, the right answer otherwise.

    Raises
    ------
    UsageError
        If it is no function of two arguments.
    """
    second = _second_parameter(function, name)
    if second.name == "lesson" or second.annotation in (Lesson, "Lesson"):
        reward: Reward = function
        return reward
    return _of_gold(function)


def _of_gold(function: Callable[[str, str], Any]) -> Reward:
    def reward(completion: str, lesson: Lesson) -> Any:  # noqa: ANN401 (checked by the caller)
        return function(completion, lesson.gold)

    return reward


def _module(module_name: str, name: str) -> object:
    try:
        with _this_folder_on_path():
            return importlib.import_module(module_name)
    except Exception as error:  # a module is anybody's code and may fail in any way
        raise UsageError(
            f"cannot load the module of the reward `{name}`: {type(error).__name__}: {error}",
            hint="name it as `import` would: package.module:function",
        ) from error


def _second_parameter(function: object, name: str) -> inspect.Parameter:
    if not callable(function):
        raise UsageError(f"the reward `{name}` is no function", hint=_FORMS)
    try:
        signature = inspect.signature(function)
        signature.bind("completion", "gold")
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the reward `{name}` does not take two arguments: {error}", hint=_FORMS
        ) from error
    parameters = list(signature.parameters.values())
    return parameters[1] if len(parameters) > 1 else parameters[0]


@contextmanager
def _this_folder_on_path() -> Iterator[None]:
    """Let modules be found in the folder in which a command is called."""
    folder = str(Path.cwd())
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
