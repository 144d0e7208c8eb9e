"""Training: reinforcement learning on TRL, and the only door to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.recap.rule import Rule, RuleOptions, make_rule
from forgetscope.recap.run import GrpoRun

if TYPE_CHECKING:
    from forgetscope.recap.grpo import Reward, train_grpo

__all__ = ["GrpoRun", "Reward", "Rule", "RuleOptions", "make_rule", "train_grpo"]


def __getattr__(name: str) -> object:
    """Load torch and transformers only when training is asked for."""
    if name in {"Reward", "train_grpo"}:
        from forgetscope.recap import grpo

        value: object = getattr(grpo, name)
        return value
    raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
