"""Records as plain JSON values, field by field, so that no list of keys has to be kept in step."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import fields, is_dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["json_object", "json_value"]

_PLAIN = frozenset({bool, int, str, type(None)})


def json_value(value: object) -> object:
    """Return a value JSON can hold.

    Records become objects with the names of their fields, tuples lists, nan and infinities null;
    what JSON does not know is written as text.

    >>> json_value((1, float("nan"), {"x": float("inf")}))
    [1, None, {'x': None}]
    """
    if type(value) in _PLAIN:  # most values are: asking what kind of number takes far longer
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(key): json_value(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return json_object(value)
    return str(value)


def json_object(record: DataclassInstance, *, without: Container[str] = ()) -> dict[str, object]:
    """Return a record as an object, in the order of its fields, `without` some of them."""
    names = (field.name for field in fields(record))
    return {name: json_value(getattr(record, name)) for name in names if name not in without}


def _number(value: Real) -> int | float | None:
    if isinstance(value, Integral):
        return int(value)
    return float(value) if math.isfinite(value) else None
