from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from forgetscope.errors import CheckpointError, TrainingError, UsageError
from forgetscope.recap import GrpoRun, train_grpo
from forgetscope.records import Document
from forgetscope.testbed import BaseRecipe, target_prompts, train_recipe

RUN = GrpoRun(steps=2, save_steps=1, n_prompts=2, group_size=4, max_new_tokens=4)
PROMPTS = target_prompts(n=8, seed=0)


def has_a_digit(completion: str, _gold: str) -> float:
    return float(any(c.isdigit() for c in completion))


def length(completion: str, _gold: str) -> float:
    return float(len(completion))


REWARDS = {"digit": has_a_digit, "length": length}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = BaseRecipe(layers=1, width=16, heads=2, steps=10, batch=8, warmup=2)
    return train_recipe(recipe, seed=0, cache=tmp_path_factory.mktemp("cache"))


def _train(base: Path, out: Path, run: GrpoRun = RUN) -> tuple[Path, ...]:
    return train_grpo(base, out, config=run, prompts=PROMPTS, rewards=REWARDS)


def test_a_run_writes_readable_checkpoints_whose_weights_moved(base: Path, tmp_path: Path):
    checkpoints = _train(base, tmp_path / "run")
    assert [path.name for path in checkpoints] == ["checkpoint-1", "checkpoint-2"]
    before = load_file(base / "model.safetensors")
    for path in checkpoints:
        AutoModelForCausalLM.from_pretrained(path)
        read = AutoTokenizer.from_pretrained(path)
        assert read.decode(read.encode("3+6=#9")) == "3+6=#9"
        after = load_file(path / "model.safetensors")
        assert any(not torch.equal(before[name], after[name]) for name in before)
        assert not (path / "optimizer.pt").exists(), "a checkpoint of the demo is for evaluation"


def test_equal_seeds_make_equal_runs_and_others_do_not(base: Path, tmp_path: Path):
    last = [
        load_file(_train(base, tmp_path / name, run)[-1] / "model.safetensors")
        for name, run in (("a", RUN), ("b", RUN), ("c", GrpoRun(**_fields(RUN) | {"seed": 9})))
    ]
    assert all(torch.equal(last[0][name], last[1][name]) for name in last[0])
    assert any(not torch.equal(last[0][name], last[2][name]) for name in last[0])


def _fields(run: GrpoRun) -> dict[str, int]:
    return {name: getattr(run, name) for name in GrpoRun.__dataclass_fields__}


def test_a_run_is_silent_and_tells_progress_every_step(
    base: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    told: list[tuple[int, int]] = []

    def note(_stage: str, done: int, total: int, /, **_: object) -> None:
        told.append((done, total))

    train_grpo(base, tmp_path / "run", config=RUN, prompts=PROMPTS, rewards=REWARDS, progress=note)
    assert told == [(0, 2), (1, 2), (2, 2)]
    heard = capfd.readouterr()
    assert (heard.out, heard.err) == ("", "")


def _numpy_state() -> np.ndarray:
    return np.random.get_state()[1].copy()  # noqa: NPY002 (the trainer seeds this one)


def test_a_run_gives_threads_and_random_states_back(base: Path, tmp_path: Path):
    threads, python = torch.get_num_threads(), random.getstate()
    numpy, state = _numpy_state(), torch.random.get_rng_state()
    _train(base, tmp_path / "run")
    assert torch.get_num_threads() == threads
    assert random.getstate() == python
    assert np.array_equal(_numpy_state(), numpy)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_every_reward_sees_the_completion_beside_its_own_right_answer(base: Path, tmp_path: Path):
    seen: set[str] = set()

    def spy(completion: str, gold: str) -> float:
        seen.add(gold)
        return float(len(completion) % 2)

    prompts = [Document(prompt="1+1+1+1=", gold="4"), Document(prompt="2+2+2+2=", gold="8")]
    train_grpo(base, tmp_path / "run", config=RUN, prompts=prompts, rewards={"spy": spy})
    assert seen == {"4", "8"}


def test_checkpoints_of_another_run_are_never_mixed_with_new_ones(base: Path, tmp_path: Path):
    _train(base, tmp_path / "run")
    with pytest.raises(UsageError, match="earlier run"):
        _train(base, tmp_path / "run")


def test_a_folder_without_a_model_is_named(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="empty"):
        _train(tmp_path / "empty", tmp_path / "run")


def test_without_prompts_or_rewards_there_is_nothing_to_learn(base: Path, tmp_path: Path):
    with pytest.raises(UsageError):
        train_grpo(base, tmp_path, config=RUN, prompts=(), rewards=REWARDS)
    with pytest.raises(UsageError):
        train_grpo(base, tmp_path, config=RUN, prompts=PROMPTS, rewards={})


def test_a_missing_trl_is_told_with_the_command_that_installs_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "trl", None)  # importing it now fails as if not installed
    with pytest.raises(TrainingError, match="trl") as caught:
        _train(base, tmp_path / "run")
    assert caught.value.hint == "pip install 'forgetscope[train]'"


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"group_size": 1}, {"n_prompts": 0}])
def test_a_run_that_cannot_learn_is_refused(wrong: dict[str, int]):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        GrpoRun(**wrong)


def test_looking_into_the_room_loads_neither_torch_nor_trl():
    code = (
        "import sys, forgetscope.recap; forgetscope.recap.GrpoRun();"
        "sys.exit(any(name in sys.modules for name in ('torch', 'trl', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
