"""What a weighting rule costs per training step: observing every objective, then the weights.

    python benchmarks/rule_cost.py [--objectives 32] [--window 10] [--runs 7] [--steps 500]

Half of the objectives are rewards, half are losses; `budget` is told a probe of every domain with a
loss as well. Histories are full before the clock starts. A
run is `--steps` steps; printed are the medians over the runs of the CPU and the wall time per step.
"""

import argparse
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable

from forgetscope.recap import Rule, make_rule

Values = list[tuple[str, float, str]]
"""Objective, value and kind of one step."""


def main() -> int:
    """Measure every rule and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objectives", type=int, default=32)
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--steps", type=int, default=500)
    arguments = parser.parse_args()
    steps = made_up(arguments.objectives, arguments.steps)
    print(
        f"{arguments.objectives} objectives, window {arguments.window}, median of "
        f"{arguments.runs} runs of {arguments.steps} steps; Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, one used"
    )
    print(f"{'rule':<12}{'CPU ms':>9}{'wall ms':>9}{'slowest run, wall ms':>22}")
    for name, make in makers(arguments.window, steps).items():
        told = with_probes(steps) if name == "budget" else steps
        cpu_ms, wall_ms = measured(make, told, arguments.runs)
        print(
            f"{name:<12}{statistics.median(cpu_ms):>9.3f}{statistics.median(wall_ms):>9.3f}"
            f"{max(wall_ms):>22.3f}"
        )
    return 0


def made_up(n_objectives: int, n_steps: int) -> list[Values]:
    """Return noisy values that drift, the same at every call."""
    rng = random.Random(0)
    n_losses = n_objectives // 2
    return [
        [(f"domain{k}/replay", 1.0 + 0.1 * rng.random(), "loss") for k in range(n_losses)]
        + [(f"domain{k}/accuracy", rng.random(), "reward") for k in range(n_losses, n_objectives)]
        for _ in range(n_steps)
    ]


def with_probes(steps: list[Values]) -> list[Values]:
    """Return the steps with a probe beside every loss."""
    return [
        step + [(n.replace("replay", "probe"), v, kind) for n, v, kind in step if kind == "loss"]
        for step in steps
    ]


def makers(window: int, steps: list[Values]) -> dict[str, Callable[[], Rule]]:
    """Return how each rule is made, by name."""
    alike = {objective: 1.0 for objective, _, _ in steps[0]}
    return {
        "code": lambda: make_rule("code", window=window),
        "paper": lambda: make_rule("paper", window=window),
        "advantage": lambda: make_rule("advantage", window=window),
        "budget": lambda: make_rule("budget"),
        "uniform": lambda: make_rule("uniform"),
        "static": lambda: make_rule("static", weights=alike),
        "random": lambda: make_rule("random", seed=0),
    }


def measured(
    make: Callable[[], Rule], steps: list[Values], n_runs: int
) -> tuple[list[float], list[float]]:
    """Return the CPU and the wall milliseconds per step of every run."""
    rule = make()
    cpu_ms, wall_ms = [], []
    for run in range(n_runs + 1):  # the first one fills the histories
        cpu, wall = time.process_time(), time.perf_counter()
        train(rule, steps)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        if run:
            cpu_ms.append(1000 * cpu / len(steps))
            wall_ms.append(1000 * wall / len(steps))
    return cpu_ms, wall_ms


def train(rule: Rule, steps: list[Values]) -> None:
    """Do what a training loop does with a rule."""
    for step in steps:
        for objective, value, kind in step:
            rule.observe(objective, value, kind=kind)
        rule.weights()


if __name__ == "__main__":
    sys.exit(main())
