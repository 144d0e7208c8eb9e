"""A trainer out of a recipe and its material."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset

from forgetscope.recap.encoding import encoder_of
from forgetscope.recap.loading import load_network
from forgetscope.recap.objectives import dealt_prompts, reward_functions, rows_of
from forgetscope.recap.recipe import Recipe
from forgetscope.recap.replay import Encoder, ReplayRows, Row
from forgetscope.recap.rule import Rule, make_rule
from forgetscope.recap.settings import grpo_config, lora_config
from forgetscope.recap.sources import Material
from forgetscope.recap.state import RunFolder
from forgetscope.recap.trainer import RecapTrainer, Watch

__all__ = ["build_trainer"]


def build_trainer(
    model: str,
    folder: RunFolder,
    *,
    recipe: Recipe,
    materials: Sequence[Material],
    n_targets: int,
) -> tuple[RecapTrainer, Watch]:
    """Return the trainer of a run and what it watches.

    Parameters
    ----------
    model
        Folder of the starting model, or `org/name` on a hub.
    folder
        Where checkpoints go.
    recipe
        The recipe.
    materials
        The targets first, then what is replayed.
    n_targets
        How many of the materials are targets.
    """
    network = load_network(model, dtype=recipe.dtype)
    encode = encoder_of(
        network, chat_template=recipe.chat_template, max_tokens=recipe.retention.max_tokens
    )
    rewarded = [material for material in materials if not material.is_supervised]
    functions = reward_functions(rewarded)
    replay = _replay(materials, encode, recipe)
    replayed = replay.domains if replay else ()
    watch = Watch(
        objectives=tuple(functions),
        rule=_rule(recipe, [*functions, *(f"{domain}/replay" for domain in replayed)]),
        replay=replay,
        coefficient=recipe.retention.coefficient,
        probe=_probe(materials[n_targets:], encode, recipe),
        probe_every=recipe.retention.probe_every,
        is_probe_observed=recipe.rule_name == "budget",
    )
    counts = _prompts(recipe, n_targets=n_targets, n_rewarded=len(rewarded))
    trainer = RecapTrainer(
        model=network.model,
        processing_class=network.processor,
        reward_funcs=list(functions.values()),
        train_dataset=_data(rewarded, counts, recipe),
        args=grpo_config(recipe, folder.folder, n_prompts=sum(counts)),
        peft_config=lora_config(recipe),
        watch=watch,
    )
    return trainer, watch


def _rule(recipe: Recipe, objectives: Sequence[str]) -> Rule | None:
    """Return the rule; equal weights need none, and leave TRL's own path alone."""
    if recipe.rule_name in ("", "uniform"):
        return None
    return make_rule(recipe.rule_name, objectives=objectives, **recipe.rule_options)


def _replay(materials: Sequence[Material], encode: Encoder, recipe: Recipe) -> ReplayRows | None:
    imitated = [material for material in materials if material.is_supervised]
    if not imitated:
        return None
    return ReplayRows(imitated, encode=encode, rows=recipe.retention.rows, seed=recipe.run.seed)


def _probe(materials: Sequence[Material], encode: Encoder, recipe: Recipe) -> dict[str, list[Row]]:
    """Return the held-out rows of each domain that has answers to imitate."""
    found: dict[str, list[Row]] = {}
    for material in materials:
        kept = [lesson for lesson in material.held_out if lesson.text]
        rows = [encode(lesson, material.domain) for lesson in kept[: recipe.retention.probe_rows]]
        if rows:
            found.setdefault(material.domain, []).extend(rows)
    return found


def _prompts(recipe: Recipe, *, n_targets: int, n_rewarded: int) -> list[int]:
    """Return the prompts per step of each rewarded material: the targets share theirs evenly."""
    least, over = divmod(recipe.run.n_prompts, n_targets)
    targets = [least + (place < over) for place in range(n_targets)]
    return [*targets, *[recipe.retention.prompts] * (n_rewarded - n_targets)]


def _data(rewarded: Sequence[Material], counts: Sequence[int], recipe: Recipe) -> Any:  # noqa: ANN401
    dealt = list(dealt_prompts(rewarded, counts, steps=recipe.run.steps, seed=recipe.run.seed))
    return Dataset.from_list(rows_of(dealt, rewarded, chat_template=recipe.chat_template))
