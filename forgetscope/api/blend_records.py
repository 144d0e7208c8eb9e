"""What a blend is chosen by, and what came of the search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forgetscope.api.evaluation_request import EvaluationRequest
from forgetscope.records import BlendCurve, Cell, GateResult
from forgetscope.suites import Require

__all__ = ["BlendRequest", "Blended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendRequest:
    """What a blend is chosen by."""

    evaluation: EvaluationRequest
    """What base, tuned checkpoint and blends are asked, and how."""
    margin: float | None = None
    """Largest loss of a general domain that still counts as held; `None`: 0.02."""
    require: Require = "not-forgot"
    """`not-forgot` allows what is not proved lost, `held` only what is proved held."""
    seed: int = 0
    """Of the division of the items into those that choose and those that judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blended:
    """What came of a search over blends."""

    curve: BlendCurve
    gate: GateResult
    """The verdict on the chosen blend, from items that the search never saw."""
    target: tuple[Cell, ...]
    """Its target domains on those items; empty where no blend was chosen."""
    general: tuple[Cell, ...]
    """What the gate judged; empty where no blend was chosen."""
    checkpoint: Path | None
    """Folder of the chosen blend; `None` where none was allowed."""
