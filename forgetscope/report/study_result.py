"""One study of several: what a view of them is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forgetscope.records import Cell, Checkpoint, Comparison, Diagnosis, Role, Verdict

__all__ = ["StudyResult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """One study, diagnosed: what the view is made of."""

    name: str
    """What it is called; a method's name is written as people write it."""
    diagnosis: Diagnosis
    checkpoints: tuple[Checkpoint, ...] = ()
    versus_first: Comparison | None = None
    """Its last checkpoint against that of the first study; `None` where they share no items."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What has to be equal for a fair comparison, by name."""
    own: Mapping[str, str] = field(default_factory=dict)
    """What is its own: its folder, its weights, its command."""

    @property
    def last(self) -> Comparison:
        """Its last checkpoint against its base."""
        return self.diagnosis.comparisons[-1]

    @property
    def measured(self) -> tuple[Cell, ...]:
        """The general domains of which something can be said."""
        return tuple(
            cell
            for cell in self.last.domains
            if cell.role is Role.GENERAL and cell.verdict is not Verdict.CANNOT_MEASURE
        )

    @property
    def targets(self) -> tuple[Cell, ...]:
        """What was trained for."""
        return tuple(cell for cell in self.last.domains if cell.role is Role.TARGET)
