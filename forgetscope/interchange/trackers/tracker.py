"""What a tracker understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Settings", "Table", "Tracker"]

Settings = Mapping[str, str | float]
"""What a run is to be known by: plain words and numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under named columns."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str | int | float, ...]]
    """One cell per column; what is undefined is nan."""


class Tracker(Protocol):
    """A run that is open in a tracker."""

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Keep finite numbers by their key; `step` rises from call to call."""

    def table(self, table: Table) -> None:
        """Keep a table; one of the same name is replaced where the tracker can."""

    def close(self) -> None:
        """End the run; what was logged is on its way when this returns."""
