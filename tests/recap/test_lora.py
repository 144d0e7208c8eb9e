from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from forgetscope import recap
from forgetscope.recap import GrpoRun, Trained
from forgetscope.recap import state as state_file
from tests.recap.small_run import IMITATED, TARGET, recipe, weights_of

RUN = GrpoRun(
    steps=3, save_steps=1, n_prompts=2, group_size=4, max_new_tokens=4, learning_rate=1e-2
)
LORA = {"r": 4, "target_modules": "all-linear"}


def _train(base: Path, out: Path, method: str = "grpo", run: GrpoRun = RUN) -> Trained:
    made = recipe(method, run, lora=LORA)
    return recap.train(base, out, recipe=made, reasoning=[TARGET], replay=[IMITATED])


def _adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def _difference(a: Path, b: Path) -> float:
    one, other = _adapter(a), _adapter(b)
    assert one.keys() == other.keys()
    return max((one[name] - other[name]).abs().max().item() for name in one)


def test_an_adapter_is_trained_and_nothing_else_is_saved(base: Path, tmp_path: Path):
    before = weights_of(base)
    trained = _train(base, tmp_path / "run")
    for checkpoint in trained.checkpoints:
        assert not (checkpoint / "model.safetensors").exists()
        assert {
            tensor.shape[0] for name, tensor in _adapter(checkpoint).items() if "lora_A" in name
        } == {4}
    first, *_, last = trained.checkpoints
    assert _difference(first, last) > 0
    assert all(torch.equal(before[name], tensor) for name, tensor in weights_of(base).items())


def test_equal_seeds_begin_with_equal_adapters(base: Path, tmp_path: Path):
    a, b = (_train(base, tmp_path / name).checkpoints[-1] for name in "ab")
    assert _difference(a, b) == 0


def test_what_is_imitated_goes_through_the_adapter(base: Path, tmp_path: Path):
    alone = _train(base, tmp_path / "alone").checkpoints[-1]
    trained = _train(base, tmp_path / "beside", "replay")
    assert _difference(alone, trained.checkpoints[-1]) > 1e-4
    (probe,) = (t for t in trained.training.traces if t.objective == "knowledge/probe")
    assert probe.values[0] != probe.values[-1], "the probe reads the adapter too"


def test_an_adapter_that_was_interrupted_goes_on(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def dies(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    whole = _train(base, tmp_path / "whole", "replay").checkpoints[-1]
    keep = state_file.RunFolder.keep

    def dies_at_3(self: state_file.RunFolder, checkpoint: Path, saved: state_file.Saved) -> None:
        if checkpoint.name == "checkpoint-3":
            dies()
        keep(self, checkpoint, saved)

    with monkeypatch.context() as patch:
        patch.setattr(state_file.RunFolder, "keep", dies_at_3)
        child = multiprocessing.get_context("fork").Process(
            target=lambda: _train(base, tmp_path / "run", "replay")
        )
        child.start()
        child.join(120)
        child.kill()
    assert child.exitcode == -signal.SIGKILL
    again = _train(base, tmp_path / "run", "replay").checkpoints[-1]
    assert again.name == "checkpoint-3"
    assert _difference(whole, again) <= 1e-6
