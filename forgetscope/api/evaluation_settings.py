"""What a person says of an evaluation in Python or in a recipe, checked and made a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from forgetscope.api.evaluation_request import EvaluationRequest
from forgetscope.errors import UnknownNameError, UsageError

__all__ = ["EvaluationSettings", "request_of"]


class EvaluationSettings(TypedDict, total=False):
    """Settings by name; each is told in `EvaluationRequest`, and `None` leaves it as it is there.

    `tasks` may be one text with commas, as on the command line.
    """

    suite: str | None
    tasks: Sequence[str] | str | None
    limit: int | None
    repeats: int | None
    target: str | None
    data_dir: Path | str | None
    engine: str | None
    dtype: str | None
    chat_template: bool | None
    system: str | None
    thinking: bool | None
    think_tags: Sequence[str] | None
    max_new_tokens: int | None
    temperature: float | None
    top_p: float | None
    allow_code: bool | None


def request_of(settings: Mapping[str, Any], **further: Any) -> EvaluationRequest:  # noqa: ANN401
    """Return the request that settings mean.

    Parameters
    ----------
    settings
        As in `EvaluationSettings`.
    further
        Other fields of the request.

    Raises
    ------
    UsageError
        If a setting is unknown, or no such thing as it must be.
    """
    known = EvaluationSettings.__annotations__
    for name, value in settings.items():
        if name not in known:
            raise UnknownNameError("setting of the evaluation", name, known=known)
        wanted = _WANTED[name]
        if value is not None and not _IS[wanted](value):
            raise UsageError(f"`{name}` of the evaluation is {value!r}; it must be {wanted}")
    given = {name: value for name, value in settings.items() if value is not None}
    if "tasks" in given:
        given["tasks"] = _names(given["tasks"])
    if "data_dir" in given:
        given["data_dir"] = Path(given["data_dir"])
    if "think_tags" in given:
        given["think_tags"] = tuple(given["think_tags"])
    return EvaluationRequest(**given, **further)


def _names(tasks: Sequence[str] | str) -> tuple[str, ...]:
    listed = tasks.split(",") if isinstance(tasks, str) else tasks
    return tuple(name.strip() for name in listed if name.strip())


_TEXT = "a text"
_COUNT = "a whole number of at least 1"
_NUMBER = "a number"
_SWITCH = "true or false"
_NAMES = "a list of names"
_FOLDER = "a folder"
_PAIR = "two texts"
_WANTED = {
    **dict.fromkeys(("suite", "target", "engine", "dtype", "system"), _TEXT),
    **dict.fromkeys(("limit", "repeats", "max_new_tokens"), _COUNT),
    **dict.fromkeys(("temperature", "top_p"), _NUMBER),
    **dict.fromkeys(("chat_template", "thinking", "allow_code"), _SWITCH),
    "tasks": _NAMES,
    "data_dir": _FOLDER,
    "think_tags": _PAIR,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


_IS: dict[str, Callable[[Any], bool]] = {
    _TEXT: lambda value: isinstance(value, str),
    _COUNT: lambda value: type(value) is int and value >= 1,
    _NUMBER: _is_number,
    _SWITCH: lambda value: isinstance(value, bool),
    _NAMES: lambda value: isinstance(value, str) or _are_texts(value),
    _FOLDER: lambda value: isinstance(value, str | Path),
    _PAIR: lambda value: _are_texts(value) and len(value) == 2,
}
