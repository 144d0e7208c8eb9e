"""Training runs: how objectives, their weights and the retention probe went, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forgetscope.errors import UsageError
from forgetscope.records.blend import BlendCell

__all__ = ["Kind", "Rival", "Trace", "TradePoint", "Training"]


class Kind(StrEnum):
    """What is watched of an objective."""

    REWARD = "reward"
    """Mean raw reward of a batch; higher is better."""
    LOSS = "loss"
    """Mean loss of a supervised batch, nats per answer token; lower is better."""
    PROBE = "probe"
    """Mean loss on held-out replay rows, nats per answer token; lower is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One objective over the optimiser steps at which it was seen."""

    objective: str
    """`domain/reward`, `domain/replay` or, of a probe, `domain/probe`."""
    kind: Kind
    steps: tuple[int, ...]
    values: tuple[float, ...]
    """Reward or loss at each of the steps."""
    weights: tuple[float, ...] = ()
    """Weight at each of the steps, mean 1 over all objectives; empty for a probe."""

    def __post_init__(self) -> None:
        lengths = {len(self.steps), len(self.values), len(self.weights or self.steps)}
        if len(lengths) != 1:
            raise UsageError(f"steps, values and weights of `{self.objective}` differ in number")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePoint:
    """What one checkpoint gained on the target, and what that cost elsewhere."""

    label: str
    step: int | None
    gain: float
    """Change of the target domain, a share; nan where it was not measured."""
    gain_low: float
    gain_high: float
    general: float
    """Change over the items of all general domains, a share; a loss is negative."""
    general_low: float
    general_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another recipe from the same base, on the same items."""

    method: str
    points: tuple[TradePoint, ...]
    """In order of their steps."""
    cells: tuple[BlendCell, ...] = ()
    """Its last checkpoint, domain by domain; empty where only the points are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a study knows of the run that made its checkpoints."""

    method: str
    """`grpo`, `grpo-kl`, `replay`, `recap`, `random` or `static`."""
    rule: str
    """Name of the weighting rule; empty where the method has none."""
    seed: int
    steps: int
    seconds: float
    """Wall time of the training alone."""
    traces: tuple[Trace, ...] = ()
    rivals: tuple[Rival, ...] = ()
