"""The arms of the study: every recipe, from one base, on the same prompts in the same order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forgetscope.recap import TESTBED_RUN, Recipe, Retention

__all__ = ["ARMS", "BLENDS", "Arm", "recipe_of_arm"]

REASONING = ("testbed:math",)
LITTLE = Retention(rows=1, coefficient=0.3, probe_every=10, probe_rows=32)
"""Little replay, so that methods have room to differ: one row per domain and step."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One recipe of the study."""

    name: str
    method: str = "recap"
    rule: Mapping[str, Any] = field(default_factory=dict)
    retention: Retention = LITTLE
    replay: str = "testbed:general?as=loss"
    question: str = ""
    """Why it is here."""


def _code(name: str, question: str, **options: float | str) -> Arm:
    return Arm(name=name, rule={"name": "code", **options}, question=question)


ARMS = (
    Arm(name="grpo", method="grpo", question="what is lost without replay"),
    Arm(name="grpo-kl", method="grpo-kl", question="does a KL penalty protect"),
    Arm(name="replay", method="replay", question="what all replay arms are compared with"),
    _code("code-T5", "RECAP as its code has it"),
    _code("code-T1", "a bolder temperature", temperature=1.0),
    _code("code-T0.2", "bolder still", temperature=0.2),
    _code("code-T1-leading", "the other sign", temperature=1.0, sign="leading"),
    _code("code-T1-floor", "no weight for noise", temperature=1.0, floor=0.05),
    Arm(name="paper-T5", rule={"name": "paper"}, question="RECAP as the paper prints it"),
    Arm(name="paper-T1", rule={"name": "paper", "temperature": 1.0}, question="bolder"),
    Arm(name="random", method="random", question="weights of equal spread without a signal"),
    Arm(name="advantage", rule={"name": "advantage"}, question="our rule on advantages"),
    Arm(name="budget", rule={"name": "budget", "budget": 0.02}, question="a stated budget"),
    Arm(
        name="replay-third",
        method="replay",
        retention=replace(LITTLE, coefficient=0.1),
        question="less replay, no weighting",
    ),
    Arm(
        name="replay-triple",
        method="replay",
        retention=replace(LITTLE, coefficient=0.9),
        question="more replay, no weighting",
    ),
    Arm(
        name="replay-rewarded",
        method="replay",
        replay="testbed:general?as=reward",
        question="general prompts rewarded instead of imitated",
    ),
    Arm(
        name="code-T1-rewarded",
        rule={"name": "code", "temperature": 1.0},
        replay="testbed:general?as=reward",
        question="RECAP where weights multiply rewards",
    ),
)
BLENDS = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Shares of plain GRPO's weights."""


def recipe_of_arm(arm: Arm, *, seed: int, spread: float | None = None) -> Recipe:
    """Return the recipe of an arm at a seed; `spread` is what random weights are drawn with."""
    rule = dict(arm.rule)
    if arm.method == "random":
        # RECAP's weights move slowly, over two windows of ten steps: so do the random ones
        rule = {"name": "random", "seed": seed, "spread": spread, "hold_steps": 10}
    replays = arm.method not in ("grpo", "grpo-kl")
    return Recipe(
        method=arm.method,
        reasoning=REASONING,
        replay=(arm.replay,) if replays else (),
        run=replace(TESTBED_RUN, seed=seed, save_steps=TESTBED_RUN.steps),
        retention=arm.retention,
        rule=rule,
    )
