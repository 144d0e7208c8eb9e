"""The training log: every objective at every step, kept with the checkpoints."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forgetscope.errors import TrainingError
from forgetscope.records import Kind, Trace
from forgetscope.store.files import write_whole

__all__ = ["TrainingLog"]

_SCHEMA = pa.schema(
    [
        ("step", pa.int64()),
        ("objective", pa.string()),
        ("kind", pa.string()),
        ("value", pa.float64()),
        ("weight", pa.float64()),
    ]
)


class TrainingLog:
    """Rows of (step, objective, kind, value, weight), in the order in which they came.

    `step` counts optimiser steps from 1; a probe of the starting model has step 0. A probe
    has no weight, as it is not trained; under a budget its domain's multiplier stands there.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, str, float, float]] = []
        self._latest: dict[str, dict[str, float]] = {}

    def add(self, step: int, objective: str, kind: Kind, value: float, weight: float) -> None:
        """Note one objective at one step."""
        self._rows.append((step, objective, str(kind), value, weight))
        self._latest.setdefault(str(kind), {})[objective] = value

    def latest(self, kind: Kind) -> dict[str, float]:
        """Return the newest value of each objective of a kind."""
        return dict(self._latest.get(str(kind), {}))

    def traces(self) -> tuple[Trace, ...]:
        """Return a trace for each objective and kind, in the order of their first appearance."""
        return tuple(self._trace(*key) for key in dict.fromkeys((r[1], r[2]) for r in self._rows))

    def _trace(self, objective: str, kind: str) -> Trace:
        rows = [row for row in self._rows if row[1] == objective and row[2] == kind]
        return Trace(
            objective=objective,
            kind=Kind(kind),
            steps=tuple(row[0] for row in rows),
            values=tuple(row[3] for row in rows),
            weights=() if kind == Kind.PROBE else tuple(row[4] for row in rows),
        )

    def write(self, path: Path) -> None:
        """Write the rows as Parquet, whole or not at all."""
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in _SCHEMA)
        table = pa.table(list(map(list, columns)), schema=_SCHEMA)
        with write_whole(path) as temporary:
            pq.write_table(table, temporary)

    @classmethod
    def read(cls, path: Path) -> TrainingLog:
        """Return the log that `write` wrote.

        Raises
        ------
        TrainingError
            The file is no log.
        """
        try:
            table = pq.read_table(path, schema=_SCHEMA)
        except (OSError, pa.ArrowException) as error:
            raise TrainingError(f"cannot read the training log `{path}`: {error}") from error
        log = cls()
        columns: Iterable[list[Any]] = (column.to_pylist() for column in table.columns)
        for step, name, kind, value, weight in zip(*columns, strict=True):
            log.add(step, name, Kind(kind), _number(value), _number(weight))
        return log


def _number(value: float | None) -> float:
    return math.nan if value is None else value
