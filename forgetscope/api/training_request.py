"""What is asked of a training command, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forgetscope.recap import Recipe, method_of
from forgetscope.records import GateResult

if TYPE_CHECKING:
    from forgetscope.recap import Trained
    from forgetscope.report import ReportView

__all__ = ["BASE", "TrainingOutcome", "TrainingRequest"]

BASE = "base"
"""Label of the starting model in the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """What to train, and what to do with it afterwards."""

    recipe: Recipe
    out: Path
    """Folder of checkpoints, study and report."""
    compare: tuple[str, ...] = ()
    """Methods that are trained from the same base on the same prompts, to be compared."""
    is_evaluated: bool = True
    allow_overlap: bool = False
    """Whether training items may be among those that are evaluated."""
    command: str = ""
    """The command line, for the record."""

    @property
    def budget(self) -> float | None:
        """Largest loss that each general domain may take, a share; `None` without one."""
        found = self.recipe.rule.get("budget")
        return float(found) if self.recipe.rule_name == "budget" and found is not None else None

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods, the recipe's own first."""
        own = self.recipe.method
        return (own, *(method_of(name).name for name in dict.fromkeys(self.compare) if name != own))

    def folder_of(self, method: str) -> Path:
        """Return the folder of a method's checkpoints and study."""
        return self.out if method == self.recipe.method else self.out / f"compare-{method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """What a training command made."""

    trained: Trained
    views: Mapping[str, ReportView] = field(default_factory=dict)
    """By method, the recipe's own first: the base and its checkpoints; empty without evaluation."""
    diffs: Mapping[str, ReportView] = field(default_factory=dict)
    """By rival method: its last checkpoint against that of the recipe."""
    results: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """As `views`: the content of each `results.json`."""
    diff_results: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """As `diffs`: the content of each `results.json`."""
    gate: GateResult | None = None
    """Whether every general domain was held within the budget; `None` without one."""
