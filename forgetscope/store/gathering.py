"""What a query finds, as columns. R rows, P places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forgetscope.lazy import uncollected

if TYPE_CHECKING:
    from forgetscope.store.database import Database

__all__ = ["gathered", "object_array", "spread"]


def gathered(database: Database, statement: str, values: tuple[Any, ...], *, kinds: str) -> Any:  # noqa: ANN401  # a list of columns of both kinds
    """Return the columns of what a query finds.

    Rows are turned into columns few at a time: what was just read is still near.

    Parameters
    ----------
    kinds
        For each column `f`, an array of floats with nan for NULL, or `o`, a list of what it is.
    """
    parts: list[list[Any]] = [[] for _ in kinds]
    with uncollected():  # rows are in no cycle
        for chunk in database.chunks(statement, values):
            for kind, part, column in zip(kinds, parts, zip(*chunk, strict=True), strict=True):
                if kind == "f":
                    part.append(np.array(column, dtype=np.float64))
                else:
                    part += column
    return [
        (np.concatenate(part) if part else np.zeros(0)) if kind == "f" else part
        for kind, part in zip(kinds, parts, strict=True)
    ]


def spread(
    value_R: Sequence[Any] | NDArray[Any], place_R: NDArray[np.intp], n: int, *, unknown: object
) -> NDArray[Any]:
    """Return each value at its place among n; `unknown` where there is none."""
    if not isinstance(value_R, np.ndarray):
        value_R = object_array(value_R)
    value_P = np.full(n, unknown, dtype=value_R.dtype)
    is_placed_R = place_R >= 0
    value_P[place_R[is_placed_R]] = value_R[is_placed_R]
    return value_P


def object_array(values: Sequence[Any]) -> NDArray[np.object_]:
    """Return an array of the very values."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
