"""Blends: points on the line between the weights of two checkpoints, and what they can do."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records.task import Role
from forgetscope.records.verdict import Verdict

__all__ = ["BlendCell", "BlendCurve", "BlendPoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendCell:
    """One domain of one blend against the base, in shares; a loss is negative."""

    domain: str
    role: Role
    n: int
    """Paired items."""
    change: float
    low: float
    high: float
    verdict: Verdict
    metric: str = ""
    """Primary metric, `mixed` where a domain pools several: changes of an unbounded one have its
    own unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendPoint:
    """One blend, as the items of the search saw it."""

    share: float
    """Of the tuned weights: 0 is the base, 1 the tuned checkpoint."""
    cells: tuple[BlendCell, ...]
    is_allowed: bool
    """Whether no general domain is FORGOT (or all are HELD, where that is required)."""
    reason: str = ""
    """Why it is not allowed; empty otherwise."""
    was_stopped: bool = False
    """Whether its evaluation ended early, because a domain had already decided against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendCurve:
    """The search over blends, and the verdict on the chosen one from items it never saw."""

    before: str
    after: str
    points: tuple[BlendPoint, ...]
    """In order of their share."""
    chosen: float | None
    """Share of the chosen blend; `None` where no blend was allowed."""
    require: str
    """`not-forgot` or `held`."""
    margin: float
    seed: int
    """Of the split of the items."""
    final: tuple[BlendCell, ...] = ()
    """The chosen blend on the items kept for the verdict."""
    after_final: tuple[BlendCell, ...] = ()
    """The tuned checkpoint on the same items, for comparison."""
