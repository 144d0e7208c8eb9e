"""Runs that are killed, and the same call again."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from forgetscope import recap
from forgetscope.errors import UsageError
from forgetscope.recap import GrpoRun, Material, Recipe, Trained
from forgetscope.recap.state import STATE, RunFolder
from forgetscope.records import Lesson
from tests.recap.small_run import IMITATED, REWARDED, TARGET, largest_difference, length, recipe

RUN = GrpoRun(
    steps=7, save_steps=2, n_prompts=2, group_size=2, max_new_tokens=4, learning_rate=1e-3
)
CALLS = RUN.n_prompts * RUN.group_size
"""Completions of the target per step."""
RULES = {
    "code": {"name": "code", "window": 2, "temperature": 0.2},
    "random": {"name": "random", "spread": 0.5},
    "budget": {"name": "budget", "budget": 0.0, "step_size": 50.0},
}


def _recipe(rule: str) -> Recipe:
    return recipe("recap", RUN, rule=RULES[rule])


def _train(base: Path, out: Path, rule: str, target: Material = TARGET) -> Trained:
    return recap.train(
        base, out, recipe=_recipe(rule), reasoning=[target], replay=[REWARDED, IMITATED]
    )


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed(work: Callable[[], object]) -> None:
    """Do the work in a process of its own, which is killed on the way."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(120)
    child.kill()
    assert child.exitcode == -signal.SIGKILL


def _killed_at_call(base: Path, out: Path, rule: str, call: int) -> None:
    """Train until the target's rewards are computed for the `call`-th time."""
    calls = 0

    def fatal(completion: str, lesson: Lesson) -> float:
        nonlocal calls
        calls += 1
        if calls == call:
            _die()
        return length(completion, lesson)

    rewards = {"digit": TARGET.rewards["digit"], "length": fatal}
    _killed(lambda: _train(base, out, rule, dataclasses.replace(TARGET, rewards=rewards)))


def _assert_equal(out: Path, whole: Path) -> None:
    names = [f"checkpoint-{step}" for step in (2, 4, 6, 7)]
    assert sorted(path.name for path in out.glob("checkpoint-*")) == names
    for name in names:
        assert largest_difference(out / name, whole / name) <= 1e-6
        states = [json.loads((folder / name / STATE).read_text()) for folder in (out, whole)]
        assert states[0]["rule"] == states[1]["rule"]
    log, whole_log = (pq.read_table(folder / "training.parquet") for folder in (out, whole))
    assert log.to_pandas().equals(whole_log.to_pandas())


@pytest.fixture(scope="module")
def whole(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a run by each rule that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    for rule in RULES:
        _train(base, folder / rule, rule)
    return {rule: folder / rule for rule in RULES}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_killed_run_goes_on_and_ends_where_the_uninterrupted_one_did(
    base: Path, tmp_path: Path, whole: dict[str, Path], rule: str, seed: int
):
    call = random.Random(f"{rule} {seed}").randrange(2 * CALLS, RUN.steps * CALLS) + 1
    _killed_at_call(base, tmp_path / "run", rule, call)
    assert (tmp_path / "run" / "checkpoint-2" / STATE).is_file()
    assert not (tmp_path / "run" / "checkpoint-7").exists()
    _train(base, tmp_path / "run", rule)
    _assert_equal(tmp_path / "run", whole[rule])


def test_a_run_that_is_killed_again_and_again_gets_there(
    base: Path, tmp_path: Path, whole: dict[str, Path]
):
    for call in (1, 3 * CALLS, 2 * CALLS + 1, CALLS + 2):
        _killed_at_call(base, tmp_path / "run", "code", call)
    _train(base, tmp_path / "run", "code")
    _assert_equal(tmp_path / "run", whole["code"])


@pytest.mark.parametrize(
    ("owner", "method", "left"),
    [
        # before the model, between the model and the optimiser, and before the rule's state
        ("transformers.Trainer", "save_model", None),
        ("transformers.Trainer", "_save_optimizer_and_scheduler", "model.safetensors"),
        ("forgetscope.recap.state.RunFolder", "keep", "optimizer.pt"),
    ],
)
def test_a_checkpoint_that_was_cut_short_is_made_anew(
    base: Path,
    tmp_path: Path,
    whole: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    owner: str,
    method: str,
    left: str | None,
):
    def dies_at_4(self: object, *arguments: object, **options: object) -> object:
        if (tmp_path / "run" / "checkpoint-2" / STATE).exists():
            _die()
        return original(self, *arguments, **options)

    with monkeypatch.context() as patch:
        module, _, name = owner.rpartition(".")
        owning = getattr(__import__(module, fromlist=[name]), name)
        original = getattr(owning, method)
        patch.setattr(owning, method, dies_at_4)
        _killed(lambda: _train(base, tmp_path / "run", "code"))
    cut = tmp_path / "run" / "checkpoint-4"
    assert not (cut / STATE).exists()
    assert left is None or (cut / left).exists()
    _train(base, tmp_path / "run", "code")
    _assert_equal(tmp_path / "run", whole["code"])


def test_a_run_that_was_killed_when_all_was_trained_is_finished(
    base: Path, tmp_path: Path, whole: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "finish", lambda *_: _die())
        _killed(lambda: _train(base, tmp_path / "run", "budget"))
    _train(base, tmp_path / "run", "budget")
    _assert_equal(tmp_path / "run", whole["budget"])


def test_a_finished_run_returns_at_once(base: Path, whole: dict[str, Path]):
    def never(*_: object) -> float:
        raise AssertionError("nothing is left to be rewarded")

    spied = dataclasses.replace(TARGET, rewards={"digit": never, "length": never})
    before = (whole["code"] / "run.json").read_text()
    trained = _train(base, whole["code"], "code", spied)
    assert [path.name for path in trained.checkpoints] == [f"checkpoint-{n}" for n in (2, 4, 6, 7)]
    assert trained.training.seconds > 0
    assert {trace.objective for trace in trained.training.traces} == {
        "math/digit",
        "math/length",
        "language/letter",
        "knowledge/replay",
        "knowledge/probe",
    }
    assert (whole["code"] / "run.json").read_text() == before


def test_time_adds_up_over_interruptions(base: Path, tmp_path: Path):
    _killed_at_call(base, tmp_path / "run", "code", 3 * CALLS)
    before = json.loads((tmp_path / "run" / "checkpoint-2" / STATE).read_text())["seconds"]
    trained = _train(base, tmp_path / "run", "code")
    assert 0 < before < trained.training.seconds


@pytest.mark.parametrize(
    "other",
    [
        {"rule": {"name": "code", "temperature": 5.0}},
        {"run": dataclasses.replace(RUN, seed=1)},
        {"lora": {"r": 2}},
    ],
)
def test_another_recipe_into_the_same_folder_is_refused_and_nothing_is_lost(
    base: Path, whole: dict[str, Path], other: dict[str, object]
):
    changed = dataclasses.replace(_recipe("code"), **other)
    with pytest.raises(UsageError, match="another recipe, model or data"):
        recap.train(
            base, whole["code"], recipe=changed, reasoning=[TARGET], replay=[REWARDED, IMITATED]
        )
    assert (whole["code"] / "checkpoint-7" / "model.safetensors").is_file()


def test_other_data_into_the_same_folder_are_refused(base: Path, whole: dict[str, Path]):
    fewer = dataclasses.replace(TARGET, lessons=TARGET.lessons[1:])
    with pytest.raises(UsageError, match="another recipe, model or data"):
        _train(base, whole["code"], "code", fewer)


def test_other_things_that_are_done_with_the_same_weights_are_no_other_run(
    base: Path, whole: dict[str, Path]
):
    changed = dataclasses.replace(_recipe("code"), evaluation={"suite": "small"})
    trained = recap.train(
        base, whole["code"], recipe=changed, reasoning=[TARGET], replay=[REWARDED, IMITATED]
    )
    assert len(trained.checkpoints) == 4
