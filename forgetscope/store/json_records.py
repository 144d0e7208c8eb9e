"""Records as JSON values of a study's meta, and back: what is not finite is null there."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeVar

from forgetscope.errors import StudyError

if TYPE_CHECKING:
    from forgetscope.store.study import Json

__all__ = ["Fields", "json_of", "number", "numbers", "reading", "records"]

Kind = TypeVar("Kind")
Fields = Mapping[str, Any]
"""What a record became."""


def json_of(value: object) -> Json:
    """Return a record, or a part of one, as a value JSON can hold.

    >>> json_of((1, float("nan"), "a"))
    [1, None, 'a']
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: json_of(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, (list, tuple)):
        return [json_of(part) for part in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return str(value)


def number(value: float | None) -> float:
    """Return a number; null is nan."""
    return math.nan if value is None else float(value)


def numbers(values: Sequence[float | None]) -> tuple[float, ...]:
    """Return numbers; null is nan."""
    return tuple(number(value) for value in values)


def records(values: Sequence[Any], read: Callable[[Any], Kind]) -> tuple[Kind, ...]:
    """Return what `read` makes of each value."""
    return tuple(read(value) for value in values)


def reading(key: str, value: Json, read: Callable[[Any], Kind]) -> Kind:
    """Return what `read` makes of the value under `key`.

    Raises
    ------
    StudyError
        If it is not what that key holds.
    """
    try:
        return read(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StudyError(
            f"what the study keeps under `{key}` cannot be read: {error!r}",
            hint="it was written by another version; make it again with the command that wrote it",
        ) from error
