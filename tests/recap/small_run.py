"""A training run of seconds: a tiny base, material whose rewards are easy to work out, a rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from forgetscope.recap import GrpoRun, Material, Recipe, Retention
from forgetscope.records import Lesson
from forgetscope.testbed import BaseRecipe, target_prompts, train_recipe

RUN = GrpoRun(
    steps=2, save_steps=1, n_prompts=2, group_size=4, max_new_tokens=4, learning_rate=1e-3
)
RETENTION = Retention(rows=2, prompts=1, max_tokens=24, probe_every=1, probe_rows=3)


def small_base(cache: Path) -> Path:
    """Return a model of a few thousand weights that reads the testbed's characters."""
    recipe = BaseRecipe(layers=1, width=16, heads=2, steps=10, batch=8, warmup=2)
    return train_recipe(recipe, seed=0, cache=cache)


def has_a_digit(completion: str, _lesson: Lesson) -> float:
    return float(any(c.isdigit() for c in completion))


def length(completion: str, _lesson: Lesson) -> float:
    return len(completion) / 10


def has_a_letter(completion: str, _lesson: Lesson) -> float:
    return float(any(c.isalpha() for c in completion))


TARGET = Material(
    name="sums",
    domain="math",
    lessons=tuple(Lesson(prompt=d.prompt, gold=d.gold) for d in target_prompts(n=8, seed=0)),
    rewards={"digit": has_a_digit, "length": length},
)
REWARDED = Material(
    name="words",
    domain="language",
    lessons=tuple(Lesson(prompt=f"say {c}", gold=c) for c in "abcde"),
    rewards={"letter": has_a_letter},
)
IMITATED = Material(
    name="facts",
    domain="knowledge",
    lessons=tuple(Lesson(prompt=f"{n}?", gold=f"{n}{n}") for n in range(7)),
    held_out=tuple(Lesson(prompt=f"{c}?", gold=f"{c}{c}") for c in "xyz"),
)


def recipe(method: str = "grpo", run: GrpoRun = RUN, **options: Any) -> Recipe:
    return Recipe(method=method, run=run, **{"retention": RETENTION} | options)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def largest_difference(a: Path, b: Path) -> float:
    one, other = weights_of(a), weights_of(b)
    assert one.keys() == other.keys()
    return max((one[name] - other[name]).abs().max().item() for name in one)


class LeaningRule:
    """Leans to what is worth most at the moment; remembers every value."""

    name = "leaning"

    def __init__(self, acts_on: str = "reward") -> None:
        self.acts_on = acts_on
        self.multipliers: dict[str, float] = {}
        self.seen: dict[str, list[float]] = {}

    def observe(self, objective: str, value: float, kind: str = "reward") -> None:
        assert kind in ("reward", "loss")
        self.seen.setdefault(objective, []).append(value)

    def weights(self) -> dict[str, float]:
        raw = {name: 1 + values[-1] for name, values in self.seen.items()}
        return {name: len(raw) * value / sum(raw.values()) for name, value in raw.items()}

    def state_dict(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.seen = {name: list(values) for name, values in state["seen"].items()}
