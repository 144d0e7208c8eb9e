"""One seed of the study: base, arms and blends, all answering the same items in one study."""

from collections.abc import Sequence
from pathlib import Path

from forgetscope import api, recap, testbed
from forgetscope.recap.blends import write_blend
from forgetscope.recap.rules.drawn import log_spread
from forgetscope.records import Kind, Progress, Training
from study.arms import BLENDS, Arm, recipe_of_arm

__all__ = ["N_PROMPTS", "blend_name", "run_seed", "spread_of"]

SPREAD_LIKE = "code-T1"
"""The arm whose spread of weights the random control has."""
N_PROMPTS = 2000
"""Different prompts per source."""


def blend_name(share: float) -> str:
    return f"blend-{share:g}"


def run_seed(folder: Path, arms: Sequence[Arm], *, seed: int, progress: Progress) -> Path:
    """Train and evaluate every arm at one seed; what is there already is not made again.

    Returns
    -------
    Path
        The study: `base`, a checkpoint per arm, and a blend per share of plain GRPO's weights.
    """
    base = testbed.train_base(seed=seed, progress=progress)
    sources = [f"base={base}"]
    spread = 0.0
    for arm in arms:
        if arm.method == "random" and not spread:
            raise SystemExit(
                f"error: `{arm.name}` takes its spread from `{SPREAD_LIKE}`: name both"
            )
        trained = _trained(folder, base, arm, seed=seed, spread=spread, progress=progress)
        if arm.name == SPREAD_LIKE:
            spread = spread_of(trained.training)
        sources.append(f"{arm.name}={trained.checkpoints[-1]}")
        if arm.name == "grpo":
            sources += _blends(folder, base, trained.checkpoints[-1])
    request = api.EvaluationRequest(suite="testbed", base="base", command="recap_study.py")
    api.evaluate_into(sources, folder / "study", request=request, progress=progress)
    return folder / "study"


def spread_of(training: Training) -> float:
    """Return how spread out the weights of a run were, as the rule `random` takes it."""
    by_step: dict[int, list[float]] = {}
    for trace in training.traces:
        if trace.kind is not Kind.PROBE:
            for step, weight in zip(trace.steps, trace.weights, strict=True):
                by_step.setdefault(step, []).append(weight)
    return log_spread(by_step.values())


def _trained(
    folder: Path, base: Path, arm: Arm, *, seed: int, spread: float, progress: Progress
) -> recap.Trained:
    recipe = recipe_of_arm(arm, seed=seed, spread=spread)
    return recap.train(
        base,
        folder / arm.name,
        recipe=recipe,
        reasoning=recap.load_sources(recipe.reasoning, n=N_PROMPTS, seed=seed),
        replay=recap.load_sources(recipe.replay, n=N_PROMPTS, seed=seed, is_replay=True),
        progress=progress,
    )


def _blends(folder: Path, base: Path, tuned: Path) -> list[str]:
    sources = []
    for share in BLENDS:
        out = folder / blend_name(share)
        if not out.is_dir():
            write_blend(base, tuned, out, share=share)
        sources.append(f"{blend_name(share)}={out}")
    return sources
