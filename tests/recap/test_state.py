from __future__ import annotations

import json
from pathlib import Path

import pytest

from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap.state import STATE, RunFolder, Saved, checkpoints_in

SAVED = Saved(rule={"seen": [0.1, 1e-300]}, seconds=2.5)


def _checkpoint(folder: Path, step: int) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    for name in ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"):
        (path / name).touch()
    return path


def _begun(folder: Path, asked: str = "a") -> RunFolder:
    run = RunFolder(folder, asked=asked)
    run.begin("method: grpo\n")
    return run


def test_checkpoints_come_in_the_order_of_their_steps(tmp_path: Path):
    for step in (10, 9, 100):
        _checkpoint(tmp_path, step)
    (tmp_path / "checkpoint-best").mkdir()
    assert [path.name for path in checkpoints_in(tmp_path)] == [
        "checkpoint-9",
        "checkpoint-10",
        "checkpoint-100",
    ]


def test_what_a_checkpoint_keeps_is_read_back_exactly(tmp_path: Path):
    run = _begun(tmp_path)
    run.keep(_checkpoint(tmp_path, 1), SAVED)
    assert run.latest() == tmp_path / "checkpoint-1"
    assert run.read_state(tmp_path / "checkpoint-1") == SAVED


def test_only_the_newest_complete_checkpoint_can_go_on(tmp_path: Path):
    run = _begun(tmp_path)
    first = _checkpoint(tmp_path, 1)
    run.keep(first, SAVED)
    assert (first / "optimizer.pt").exists()
    second = _checkpoint(tmp_path, 2)
    run.keep(second, SAVED)
    assert not (first / "optimizer.pt").exists()
    assert (first / "model.safetensors").exists()
    assert (second / "rng_state.pth").exists()


def test_a_checkpoint_that_was_cut_short_is_cleared_away(tmp_path: Path):
    run = _begun(tmp_path)
    run.keep(_checkpoint(tmp_path, 1), SAVED)
    cut = _checkpoint(tmp_path, 2)
    assert RunFolder(tmp_path, asked="a").latest() == tmp_path / "checkpoint-1"
    assert not cut.exists()


def test_a_finished_run_is_known_and_slim(tmp_path: Path):
    run = _begun(tmp_path)
    assert run.seconds is None
    last = _checkpoint(tmp_path, 1)
    run.keep(last, SAVED)
    run.finish(7.0)
    assert RunFolder(tmp_path, asked="a").seconds == 7.0
    assert not (last / "optimizer.pt").exists()
    assert (tmp_path / "recipe.yaml").read_text() == "method: grpo\n"


def test_a_folder_holds_one_run_only(tmp_path: Path):
    _begun(tmp_path)
    _checkpoint(tmp_path, 1)
    with pytest.raises(UsageError, match="another recipe, model or data"):
        RunFolder(tmp_path, asked="b")


def test_a_run_that_never_came_to_a_checkpoint_makes_room_for_another(tmp_path: Path):
    _begun(tmp_path, "a")
    other = _begun(tmp_path, "b")
    assert (other.seconds, other.latest()) == (None, None)
    assert RunFolder(tmp_path, asked="b").seconds is None
    _checkpoint(tmp_path, 1)
    with pytest.raises(UsageError, match="another recipe"):
        RunFolder(tmp_path, asked="a")


def test_checkpoints_of_unknown_origin_are_left_alone(tmp_path: Path):
    foreign = _checkpoint(tmp_path, 1)
    with pytest.raises(UsageError, match="earlier run"):
        RunFolder(tmp_path, asked="a")
    assert (foreign / "optimizer.pt").exists()


def test_a_broken_record_is_named(tmp_path: Path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(TrainingError, match=r"run\.json"):
        RunFolder(tmp_path, asked="a")


@pytest.mark.parametrize("content", ["[]", "{}", json.dumps({"rule": 3, "seconds": "x"})])
def test_a_state_that_is_not_ours_is_named(tmp_path: Path, content: str):
    (tmp_path / STATE).write_text(content)
    with pytest.raises(TrainingError, match="no state of ours"):
        RunFolder.read_state(tmp_path)
