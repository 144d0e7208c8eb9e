"""The settings of a training run by reinforcement learning."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.errors import UsageError

__all__ = ["GrpoRun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoRun:
    """How a model is trained by GRPO; the defaults suit the models of the testbed."""

    steps: int = 80
    """Optimiser steps."""
    save_steps: int = 20
    """A checkpoint every so many steps, and one at the end."""
    learning_rate: float = 4e-4
    """Of AdamW at the first step; falls linearly to 0."""
    n_prompts: int = 16
    """Prompts per step."""
    group_size: int = 8
    """Completions per prompt, compared with each other."""
    temperature: float = 1.0
    """Of the sampled completions."""
    max_new_tokens: int = 14
    """Longest completion, tokens."""
    beta: float = 0.0
    """Weight of the KL penalty towards the starting model; 0: none."""
    seed: int = 0
    """Of the order of the prompts and of the sampling."""
    n_threads: int | None = 1
    """Torch threads while training; `None` leaves the count alone."""

    def __post_init__(self) -> None:
        counts = ("steps", "save_steps", "n_prompts", "max_new_tokens")
        for name, low in (*((count, 1) for count in counts), ("group_size", 2)):
            if getattr(self, name) < low:
                raise UsageError(f"`{name}` of a GRPO run is at least {low}: {getattr(self, name)}")
