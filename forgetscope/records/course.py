"""The course of a domain: its way through a series of checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records.findings import Estimate

__all__ = ["Course"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The way of one domain through the series; labels are of checkpoints."""

    domain: str
    worst: str
    """The earlier checkpoint (or the base) from which the fall to the last one is best proved."""
    worst_drop: Estimate
    """Fall from there to the last checkpoint; `low` above 0 is a proved drop, `high` is nan."""
    naive_drop: float
    """Best earlier score minus the last: biased upwards, for comparison only."""
    onset: str | None
    """First checkpoint from which on every later one has a proved loss."""
    trough: str | None
    recovery: str | None
    """First checkpoint proved to be above the trough before it."""
    is_full_recovery: bool
    """Whether the loss at the recovery is within the margin, by proof."""
    trend: Estimate
    """Change per unit of log(step + 1); nan where steps are not known."""
    step_noise: float
    """Standard deviation between neighbouring checkpoints beyond item noise; nan below five."""
    advised_margin: float
    """max(0.02, 2 step_noise); nan where the latter is."""
    run_level: Estimate
    """Mean of the last checkpoints (up to three) minus the base, step noise included."""
