"""Comparisons: what changed between two checkpoints, and what is proved about it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from forgetscope.records.course import Course
from forgetscope.records.display import Displayed
from forgetscope.records.findings import Findings
from forgetscope.records.item import Item
from forgetscope.records.score import Score
from forgetscope.records.task import Purpose, Role
from forgetscope.records.verdict import Adjunct, FormatClass, Transition, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cell", "Change", "Comparison", "Diagnosis", "GateResult", "Story"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of a comparison: a task, a domain, or everything.

    Shares throughout (0.02 is two points); changes are after minus before with better upwards, so
    a loss is negative. What is undefined is nan.
    """

    name: str
    domain: str
    """Domain slug; empty for the overall cell."""
    role: Role
    purpose: Purpose | None = Purpose.DEV
    """What its tasks are looked at for; `None` where it has tasks of both kinds."""
    metric: str
    """Primary metric; `mixed` where a domain pools several."""
    n: int
    """Paired items."""
    n_clusters: int
    before: float
    after: float
    change: float
    low: float
    high: float
    """Simultaneous interval of the change: each end holds at one-sided alpha over the family."""
    unadjusted_low: float
    unadjusted_high: float
    """Interval of this cell alone: each end holds at one-sided alpha."""
    p_value: float
    """Two-sided exact cluster sign-flip test of no change."""
    verdict: Verdict
    reason: str = ""
    """Why nothing can be measured; empty otherwise."""
    adjuncts: tuple[Adjunct, ...] = ()
    lost: int
    """Items right before and wrong after; for fractional scores, items whose score fell."""
    gained: int
    retained: int
    unsolved: int
    format_share: float
    """Share of the lost items whose form failed rather than the answer; nan if none was lost."""
    chance: float
    """Mean score of a guesser; nan where guessing has no meaning."""
    needs: int | None
    """Further items an UNDECIDED or SLIPPED cell needs for proof at power 0.8; `None` else."""
    method: str
    """How the interval was made, e.g. `tango` or `clustered t`."""
    margin: float = math.nan
    """Largest loss that still counts as held in this cell."""
    weighting: str = "items"
    """What weighs the same: `items`, `tasks`, or `own` weights of the policy."""
    detectable: float = math.nan
    """Smallest loss that is proved with probability 0.8 on these items at the level of the cell."""
    noise_floor: float = math.nan
    """Size of a change that reruns and neighbouring checkpoints show by themselves; nan where
    neither was measured."""
    n_missing: int = 0
    """Items with a score on one side only; they are left out."""
    stopped_of: int | None = None
    """Items of the whole domain, where asking stopped before all were answered; `None` else."""
    findings: Findings = field(default_factory=Findings)

    @property
    def is_held_alone(self) -> bool:
        """Whether its own interval proves that it lost no more than its margin."""
        return self.verdict is not Verdict.CANNOT_MEASURE and self.unadjusted_low > -self.margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item whose score changed between the two checkpoints."""

    item_id: str
    task: str
    domain: str
    transition: Transition
    """`LOST` or `GAINED`."""
    change: float
    """After minus before, better upwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Displayed):
    """Two checkpoints over the same items."""

    before: str
    after: str
    overall: Cell
    """All items of the general domains."""
    domains: tuple[Cell, ...]
    tasks: tuple[Cell, ...]
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each cell: overall, then domains, then tasks.

        The column `level` says which; the others are the fields of `Cell` but its findings.
        Shares as in the record, nan where undefined; `adjuncts` are words with blanks between,
        `needs` and `stopped_of` are nullable whole numbers. The labels lie in `attrs`.
        """
        import pandas as pd

        levels = (("overall", (self.overall,)), ("domain", self.domains), ("task", self.tasks))
        names = [field.name for field in fields(Cell) if field.name != "findings"]
        rows = [
            {"level": level}
            | {name: getattr(cell, name) for name in names}
            | {
                "role": str(cell.role),
                "purpose": None if cell.purpose is None else str(cell.purpose),
                "verdict": str(cell.verdict),
                "adjuncts": " ".join(cell.adjuncts),
            }
            for level, cells in levels
            for cell in cells
        ]
        frame = pd.DataFrame(rows).astype({"needs": "Int64", "stopped_of": "Int64"})
        frame.attrs = {"before": self.before, "after": self.after}
        return frame


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a pipeline is told."""

    passed: bool
    exit_code: int
    """0 passed, 1 something is FORGOT, 5 not proved (only where proof is required)."""
    reason: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis(Displayed):
    """A whole series against its base."""

    base: str
    margin: float
    alpha: float
    profile: tuple[Cell, ...]
    """The base alone, a cell per domain then per task: `before` is set, the rest is undefined."""
    comparisons: tuple[Comparison, ...]
    """One per checkpoint after the base, in the order of the series."""
    gate: GateResult
    last_clean: str | None
    """Latest label with neither FORGOT nor SLIPPED in a general domain at it or before it."""
    courses: tuple[Course, ...] = ()
    """The way of each domain, where the series has at least two checkpoints beyond the base."""
    seed: int = 0
    """Of the draws behind simultaneous intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One item, to be read: what was asked, and both answers."""

    item: Item
    domain: str
    transition: Transition
    outcomes: tuple[float, ...]
    """Score per checkpoint in the order of the series; nan where it was not evaluated."""
    before: Score
    after: Score
    format_class: FormatClass | None
    """Why the after answer counts as wrong; of the before answer if gained; `None` if both are
    right."""
    before_shares: tuple[float, ...] = ()
    after_shares: tuple[float, ...] = ()
    """Probability of each option among the options, in the order of `item.choices`; empty where
    options were not scored."""
    is_redacted: bool = False
    """Whether the data set's own words (prompt, options, right answer) were taken out."""
