"""Training: reinforcement learning on TRL, and the only door to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.recap.methods import METHODS, Method, method_of
from forgetscope.recap.overlap import check_overlap, find_overlap
from forgetscope.recap.recipe import Recipe, read_content, read_recipe, recipe_of
from forgetscope.recap.rewards import Reward
from forgetscope.recap.rule import Rule, RuleOptions, make_rule
from forgetscope.recap.run import TESTBED_RUN, GrpoRun, Retention
from forgetscope.recap.sources import (
    Material,
    domain_of_source,
    load_source,
    load_sources,
    parse_source,
)
from forgetscope.recap.state import checkpoints_in

if TYPE_CHECKING:
    from forgetscope.recap.train import Trained, train

__all__ = [
    "METHODS",
    "TESTBED_RUN",
    "GrpoRun",
    "Material",
    "Method",
    "Recipe",
    "Retention",
    "Reward",
    "Rule",
    "RuleOptions",
    "Trained",
    "check_overlap",
    "checkpoints_in",
    "domain_of_source",
    "find_overlap",
    "load_source",
    "load_sources",
    "make_rule",
    "method_of",
    "parse_source",
    "read_content",
    "read_recipe",
    "recipe_of",
    "train",
]


def __getattr__(name: str) -> object:
    """Load torch and transformers only when training is asked for."""
    if name in {"Trained", "train"}:
        # the function has the name of its file, which importing it would put in its place
        from importlib import import_module

        module = import_module("forgetscope.recap.train")
        globals().update(train=module.train, Trained=module.Trained)
        return globals()[name]
    raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
