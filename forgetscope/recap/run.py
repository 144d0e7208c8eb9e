"""The settings of a training run: reinforcement learning, and what is learnt beside it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from forgetscope.errors import UsageError

__all__ = ["TESTBED_RUN", "GrpoRun", "Retention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpoRun:
    """How a model is trained by GRPO; the defaults suit a language model of ordinary size."""

    steps: int = 200
    """Optimiser steps."""
    save_steps: int = 50
    """A checkpoint every so many steps, and one at the end."""
    learning_rate: float = 1e-6
    """Of AdamW at the first step; falls linearly to 0."""
    n_prompts: int = 8
    """Target prompts per step."""
    group_size: int = 8
    """Completions per prompt, compared with each other."""
    temperature: float = 1.0
    """Of the sampled completions."""
    max_new_tokens: int = 256
    """Longest completion, tokens."""
    beta: float | None = None
    """Weight of the KL penalty towards the starting model; `None`: the method's."""
    seed: int = 0
    """Of the order of the prompts and of the sampling."""
    n_threads: int | None = None
    """Torch threads while training; `None` leaves the count alone."""

    def __post_init__(self) -> None:
        counts = ("steps", "save_steps", "n_prompts", "max_new_tokens")
        for name, low in (*((count, 1) for count in counts), ("group_size", 2), ("seed", 0)):
            _at_least(name, getattr(self, name), low, of="a GRPO run")
        if self.n_threads is not None:
            _at_least("n_threads", self.n_threads, 1, of="a GRPO run")
        for name in ("learning_rate", "temperature"):
            _number(name, getattr(self, name), of="a GRPO run", may_be_zero=False)
        if self.beta is not None:
            _number("beta", self.beta, of="a GRPO run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How general material is learnt beside the target, and how its loss is watched."""

    rows: int = 2
    """Rows per step and domain of supervised replay."""
    prompts: int = 2
    """Prompts per step and domain of rewarded replay, each completed `group_size` times."""
    coefficient: float = 0.3
    """Of the supervised loss beside that of the policy."""
    max_tokens: int = 512
    """Longest replay row, tokens; what is longer is cut at its end."""
    probe_every: int = 10
    """Steps between two retention probes; 0: none."""
    probe_rows: int = 64
    """Held-out rows per domain in a probe."""

    def __post_init__(self) -> None:
        for name in ("rows", "prompts", "max_tokens", "probe_rows"):
            _at_least(name, getattr(self, name), 1, of="retention")
        _at_least("probe_every", self.probe_every, 0, of="retention")
        _number("coefficient", self.coefficient, of="retention")


def _at_least(name: str, value: object, low: int, *, of: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise UsageError(f"`{name}` of {of} is a whole number of at least {low}: {value!r}")


def _number(name: str, value: object, *, of: str, may_be_zero: bool = True) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_in_range = is_number and 0 <= value <= sys.float_info.max  # type: ignore[operator]
    if not is_in_range or (value == 0 and not may_be_zero):
        least = "at least 0" if may_be_zero else "above 0"
        raise UsageError(f"`{name}` of {of} is {least}: {value!r}")


TESTBED_RUN = GrpoRun(
    steps=80,
    save_steps=20,
    learning_rate=4e-4,
    n_prompts=16,
    max_new_tokens=14,
    n_threads=1,
)
"""What suits the models of the testbed."""
