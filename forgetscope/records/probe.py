"""Probes: items that were asked again in other words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ProbeKind", "ProbeResult"]


class ProbeKind(StrEnum):
    """How an item is asked again."""

    EXAMPLES = "examples"
    """Right answers of the base to other items stand before the question."""
    PREFIX = "prefix"
    """The answer is begun by force, with the words that led to the base's right answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What a checkpoint scored on an item that it was asked again."""

    item_id: str
    kind: ProbeKind
    value: float
    """Score, a share with better upwards; nan where the metric itself failed."""
