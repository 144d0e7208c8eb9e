from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from forgetscope.errors import UnknownNameError
from forgetscope.testbed import BaseRecipe, train_base, train_recipe
from forgetscope.testbed.base import SIZES

TINY = BaseRecipe(layers=1, width=16, heads=2, steps=12, batch=8, warmup=2)


class Notes:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def __call__(self, stage: str, done: int, total: int, /, **_: object) -> None:
        self.told.append((stage, done, total))


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_recipe(TINY, seed=1, cache=tmp_path_factory.mktemp("cache"))


def test_equal_seeds_make_equal_weights_and_others_do_not(tiny_base: Path, tmp_path: Path):
    again = load_file(train_recipe(TINY, seed=1, cache=tmp_path) / "model.safetensors")
    other = load_file(train_recipe(TINY, seed=2, cache=tmp_path) / "model.safetensors")
    first = load_file(tiny_base / "model.safetensors")
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_progress_counts_every_step_and_a_cached_model_is_not_trained_again(tmp_path: Path):
    notes = Notes()
    folder = train_recipe(TINY, seed=3, cache=tmp_path, progress=notes)
    assert [done for _, done, _ in notes.told] == list(range(1, TINY.steps + 1))
    assert {total for _, _, total in notes.told} == {TINY.steps}
    written = (folder / "model.safetensors").stat().st_mtime_ns
    notes.told.clear()
    assert train_recipe(TINY, seed=3, cache=tmp_path, progress=notes) == folder
    assert notes.told == []
    assert (folder / "model.safetensors").stat().st_mtime_ns == written


def test_another_recipe_has_another_place_in_the_cache(tiny_base: Path):
    longer = BaseRecipe(layers=1, width=16, heads=2, steps=13, batch=8, warmup=2)
    assert train_recipe(longer, seed=1, cache=tiny_base.parent) != tiny_base


def test_a_training_that_is_cut_short_leaves_nothing_that_looks_finished(tmp_path: Path):
    def stop(_stage: str, done: int, _total: int, /, **_: object) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recipe(TINY, seed=1, cache=tmp_path, progress=stop)
    assert not list(tmp_path.glob("base-*"))


def test_training_lowers_the_loss(tmp_path: Path):
    losses: list[float] = []

    def note_loss(_stage: str, _done: int, _total: int, /, note: str = "") -> None:
        losses.append(float(note.removeprefix("loss ")))

    recipe = BaseRecipe(layers=1, width=32, heads=2, steps=60, batch=16, warmup=5)
    train_recipe(recipe, seed=0, cache=tmp_path, progress=note_loss)
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])


def test_the_folder_is_an_ordinary_checkpoint(tiny_base: Path):
    model = AutoModelForCausalLM.from_pretrained(tiny_base)
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    settings = GenerationConfig.from_pretrained(tiny_base)
    assert settings.eos_token_id == tokenizer.eos_token_id == model.config.eos_token_id
    assert not settings.do_sample
    prompts = tokenizer(["3+6=", "@lc="], return_tensors="pt", padding=True)
    written = model.generate(**prompts, max_new_tokens=2)
    assert written.shape[0] == 2
    assert list(tiny_base.parent.glob(".*")) == [], "no unfinished folder stays behind"


def test_the_thread_count_and_the_random_state_are_left_as_they_were(tmp_path: Path):
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    train_recipe(TINY, seed=5, cache=tmp_path)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_size_nobody_knows_is_refused_by_name(tmp_path: Path):
    with pytest.raises(UnknownNameError, match="smal"):
        train_base(seed=0, size="smal", cache=tmp_path)


@pytest.mark.parametrize(
    ("size", "least", "most"), [("small", 200_000, 500_000), ("large", 2e6, 5e6)]
)
def test_the_named_sizes_have_the_weights_they_are_named_for(size: str, least: float, most: float):
    recipe = SIZES[size]
    assert least < 12 * recipe.layers * recipe.width**2 < most
