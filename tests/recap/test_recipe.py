from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import ForgetscopeError, UnknownNameError, UsageError
from forgetscope.recap import (
    METHODS,
    TESTBED_RUN,
    GrpoRun,
    Recipe,
    Retention,
    read_recipe,
    recipe_of,
)
from forgetscope.recap.settings import OURS, grpo_config, lora_config

RUNS = st.builds(
    GrpoRun,
    steps=st.integers(1, 99),
    learning_rate=st.floats(1e-7, 1e-2),
    group_size=st.integers(2, 16),
    beta=st.none() | st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
    n_threads=st.none() | st.integers(1, 8),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=9)
RECIPES = st.builds(
    Recipe,
    method=st.sampled_from(sorted(METHODS)),
    model=WORDS,
    reasoning=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    replay=st.lists(WORDS, max_size=3).map(tuple),
    run=RUNS,
    retention=st.builds(Retention, coefficient=st.floats(0, 9), rows=st.integers(1, 9)),
    rule=st.fixed_dictionaries({"name": st.just("code"), "temperature": st.floats(0.1, 9)}),
    trainer=st.dictionaries(st.sampled_from(["warmup_steps", "epsilon"]), st.floats(0, 1)),
    chat_template=st.booleans(),
    dtype=st.sampled_from(["float32", "bfloat16"]),
)


@given(recipe=RECIPES)
def test_a_recipe_that_is_written_is_read_back(
    recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
):
    path = tmp_path_factory.getbasetemp() / "recipe.yaml"
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    again = read_recipe(path)
    assert again == recipe
    assert again.digest == recipe.digest


def test_the_digest_knows_what_decides_the_weights_and_nothing_else():
    plain = Recipe()
    same = [
        Recipe(evaluation={"suite": "small"}),
        Recipe(run=GrpoRun(n_threads=2)),
    ]
    others = [
        Recipe(method="replay"),
        Recipe(run=GrpoRun(seed=1)),
        Recipe(retention=Retention(rows=9)),
        Recipe(rule={"temperature": 1.0}),
        Recipe(trainer={"epsilon": 0.1}),
        Recipe(lora={"r": 4}),
        Recipe(dtype="bfloat16"),
    ]
    assert {recipe.digest for recipe in same} == {plain.digest}
    assert len({recipe.digest for recipe in [plain, *others]}) == 1 + len(others)


def _read(tmp_path: Path, text: str) -> Recipe:
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    return read_recipe(tmp_path / "recipe.yaml")


def test_what_a_file_leaves_out_is_as_the_records_have_it(tmp_path: Path):
    recipe = _read(tmp_path, "reasoning: gym:chain_sum\nrun: {steps: 3}\n")
    assert recipe == Recipe(reasoning=("gym:chain_sum",), run=GrpoRun(steps=3))


def test_targets_of_the_testbed_are_trained_as_suits_its_models(tmp_path: Path):
    recipe = _read(tmp_path, "reasoning: [testbed:math]\nrun: {steps: 3}\n")
    assert recipe.run == dataclasses.replace(TESTBED_RUN, steps=3)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("metod: grpo", "unknown key `metod`", "did you mean `method`?"),
        ("run: {step: 3}", "unknown key `step` in .*: run", "did you mean `steps`?"),
        ("retention: {row: 3}", "unknown key `row` in .*: retention", "did you mean `rows`?"),
        ("evaluation: {sute: a}", "unknown key `sute`", "did you mean `suite`?"),
        ("run: {learning_rate: 3e-4}", "the text '3e-4'", "write 3.0e-4"),
        ("run: [1]", "`run` in .* is no list of", None),
        ("method: 3", "`method` in .* is 3; it must be a str", None),
        ("replay: {a: 1}", "no list of sources", "gym:chain_sum"),
        ("[1, 2]", "holds no keys", "key: value"),
        ("a: [", "is no YAML", None),
        ("method: recapp", "method", "recap"),
        ("dtype: float8", "float8", None),
        ("run: {group_size: 1}", "`group_size` of a GRPO run", None),
        ("retention: {coefficient: -1}", "`coefficient` of retention", None),
    ],
)
def test_what_no_recipe_says_is_named(tmp_path: Path, text: str, words: str, hint: str | None):
    with pytest.raises((UsageError, UnknownNameError), match=words) as caught:
        _read(tmp_path, text)
    if hint:
        assert hint in (caught.value.hint or "")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere"):
        read_recipe(tmp_path / "nowhere.yaml")


def _config(tmp_path: Path, **options: Any) -> Any:
    run = GrpoRun(steps=5, save_steps=2, n_prompts=3, group_size=4, learning_rate=1e-4, seed=7)
    return grpo_config(Recipe(run=run, **options), tmp_path, n_prompts=5)


def test_the_run_becomes_trls_configuration(tmp_path: Path):
    config = _config(tmp_path, method="grpo-kl")
    assert (config.max_steps, config.save_steps, config.learning_rate, config.seed) == (
        5,
        2,
        1e-4,
        7,
    )
    assert (config.num_generations, config.per_device_train_batch_size) == (4, 20)
    assert (config.beta, config.scale_rewards, config.report_to) == (0.04, "group", [])
    assert config.save_only_model is False


def test_further_fields_of_trl_pass_through(tmp_path: Path):
    config = _config(
        tmp_path, trainer={"loss_type": "dr_grpo", "epsilon": 0.1, "gradient_accumulation_steps": 4}
    )
    assert (config.loss_type, config.epsilon) == ("dr_grpo", 0.1)
    assert config.per_device_train_batch_size == 5
    assert config.steps_per_generation == 4


def test_a_stated_penalty_goes_before_the_methods(tmp_path: Path):
    recipe = Recipe(method="grpo-kl", run=GrpoRun(beta=0.01))
    assert grpo_config(recipe, tmp_path, n_prompts=8).beta == 0.01


def test_a_tracker_that_is_asked_for_hears_of_every_step(tmp_path: Path):
    config = _config(tmp_path, trainer={"report_to": "tensorboard"})
    assert (config.logging_strategy, config.logging_steps) == ("steps", 1)
    rarely = {"report_to": "tensorboard", "logging_steps": 10}
    assert _config(tmp_path, trainer=rarely).logging_steps == 10


def test_a_misspelt_field_of_trl_is_told_with_the_nearest(tmp_path: Path):
    with pytest.raises(UsageError, match="unknown key `los_type` in `trainer`") as caught:
        _config(tmp_path, trainer={"los_type": "grpo"})
    assert caught.value.hint == "did you mean `loss_type`?"


@pytest.mark.parametrize("key", sorted(OURS))
def test_a_field_that_the_recipe_decides_is_told_with_what_decides_it(tmp_path: Path, key: str):
    with pytest.raises(UsageError, match=f"`{key}` is no field of `trainer`") as caught:
        _config(tmp_path, trainer={key: 1})
    assert OURS[key] in (caught.value.hint or "")


@pytest.mark.parametrize(
    "trainer", [{"logging_strategy": "sometimes"}, {"generation_batch_size": 7}]
)
def test_a_value_that_trl_refuses_is_one_error(tmp_path: Path, trainer: dict[str, Any]):
    with pytest.raises(ForgetscopeError, match="TRL refuses"):
        _config(tmp_path, trainer=trainer)


@pytest.mark.parametrize("key", ["beta", "warmup_steps", "epsilon_high", "max_grad_norm"])
def test_a_text_for_a_number_is_told_before_trl_stumbles_over_it(tmp_path: Path, key: str):
    with pytest.raises(UsageError, match=f"`{key}` in `trainer` is the text '1e-1'") as caught:
        _config(tmp_path, trainer={key: "1e-1"})
    assert "write 3.0e-4" in (caught.value.hint or "")


def test_without_lora_all_weights_are_trained():
    assert lora_config(Recipe()) is None


def test_fields_of_lora_pass_through():
    config = lora_config(Recipe(lora={"r": 4, "target_modules": "all-linear"}))
    assert (config.r, config.target_modules, config.task_type) == (4, "all-linear", "CAUSAL_LM")


def test_a_misspelt_field_of_lora_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="unknown key `lora_alfa` in `lora`") as caught:
        lora_config(Recipe(lora={"lora_alfa": 4}))
    assert caught.value.hint == "did you mean `lora_alpha`?"


def test_a_recipe_of_plain_values_needs_no_file():
    assert recipe_of({"method": "replay"}, where="here").method == "replay"
