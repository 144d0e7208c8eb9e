"""What an interval is here: two ends, each true at a one-sided level."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Two one-sided bounds; the pair is a two-sided interval of level 1 - 2 alpha."""

    low: float
    high: float
    alpha: float
    """Error probability of EACH end."""
    method: str
