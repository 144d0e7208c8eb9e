"""A trainer out of a recipe and its material."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset

from forgetscope.errors import UsageError
from forgetscope.recap.encoding import encoder_of
from forgetscope.recap.loading import Network, load_network
from forgetscope.recap.objectives import RowReader, dealt_prompts, reward_functions
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
    # steps of 1e-6 vanish in the 8 bits of bfloat16, so what is trained stays in float32
    network = load_network(model, dtype=recipe.dtype if recipe.lora else "float32")
    as_chat = recipe.chat_template or _has_pictures(materials, network)
    encode = encoder_of(network, as_chat=as_chat, max_tokens=recipe.retention.max_tokens)
    rewarded = [material for material in materials if not material.is_supervised]
    functions = reward_functions(rewarded)
    replay = _replay(materials, encode, recipe)
    watch = Watch(
        objectives=tuple(functions),
        rule=_rule(recipe, [*functions, *(replay.objectives if replay else ())]),
        replay=replay,
        coefficient=recipe.retention.coefficient,
        probe=_probe(materials[n_targets:], encode, recipe),
        probe_every=recipe.retention.probe_every,
        is_probe_observed=recipe.rule_name == "budget",
    )
    _check_probe(watch)
    counts = _prompts(recipe, n_targets=n_targets, n_rewarded=len(rewarded))
    trainer = RecapTrainer(
        model=network.model,
        processing_class=network.processor,
        reward_funcs=list(functions.values()),
        train_dataset=_data(rewarded, counts, recipe, as_chat=as_chat),
        args=grpo_config(recipe, folder.folder, n_prompts=sum(counts)),
        peft_config=lora_config(recipe),
        watch=watch,
    )
    return trainer, watch


def _has_pictures(materials: Sequence[Material], network: Network) -> bool:
    for material in materials:
        if any(lesson.images for lesson in (*material.lessons, *material.held_out)):
            if not network.sees:
                raise UsageError(f"`{material.name}` has pictures, and the model takes none")
            return True
    return False


def _rule(recipe: Recipe, objectives: Sequence[str]) -> Rule | None:
    """Return the rule; equal weights need none, and leave TRL's own path alone."""
    if recipe.rule_name in ("", "uniform"):
        return None
    # `objectives` is the run's to say, and the seed the run's unless the rule has its own
    options: Any = {"seed": recipe.run.seed} | recipe.rule_options | {"objectives": objectives}
    rule = make_rule(recipe.rule_name, **options)
    rule.weights()  # an objective that the rule cannot weigh is told before training
    return rule


def _check_probe(watch: Watch) -> None:
    """Refuse a rule that lives on probes and would never see one."""
    if watch.is_probe_observed and not watch.probe:
        raise UsageError(
            "the rule `budget` needs held-out answers, and nothing that is replayed has any",
            hint="replay a source with answers, beside or in place of one with rewards alone",
        )
    if watch.is_probe_observed and not watch.probe_every:
        raise UsageError(
            "the rule `budget` needs probes", hint="set `retention: probe_every` to 1 or more"
        )


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
    if n_targets > recipe.run.n_prompts:
        raise UsageError(
            f"{n_targets} targets share {recipe.run.n_prompts} prompts per step",
            hint="raise `run: n_prompts`: each of them needs one at least",
        )
    least, over = divmod(recipe.run.n_prompts, n_targets)
    targets = [least + (place < over) for place in range(n_targets)]
    return [*targets, *[recipe.retention.prompts] * (n_rewarded - n_targets)]


def _data(
    rewarded: Sequence[Material], counts: Sequence[int], recipe: Recipe, *, as_chat: bool
) -> Any:  # noqa: ANN401 (datasets is not typed)
    dealt = list(dealt_prompts(rewarded, counts, steps=recipe.run.steps, seed=recipe.run.seed))
    columns = {"material": [d.material for d in dealt], "lesson": [d.lesson for d in dealt]}
    # prompts and pictures are looked up when they are needed: a set of numbers is all there is
    return Dataset.from_dict(columns).with_transform(RowReader(rewarded, as_chat=as_chat))
