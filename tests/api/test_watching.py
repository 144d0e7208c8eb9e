"""Watched folders: what happens to them while nobody looks stands in `sleep`."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

import pytest

from forgetscope import api
from forgetscope.api.watching_records import WatchedState
from forgetscope.errors import CheckpointError, UnavailableError, UsageError
from forgetscope.records import no_progress
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama
from tests.tiny_adapters import save_tiny_adapter


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Models to be copied to where they are watched."""
    folder = tmp_path_factory.mktemp("saved")
    save_tiny_llama(folder / "one", seed=1, window=512)
    save_tiny_llama(folder / "shards", seed=2, window=512, max_shard_size="60KB")
    save_tiny_llama(folder / "base", window=512)
    return folder


@pytest.fixture
def world(saved, mirror, tmp_path):
    """A base, an empty run beside it, and a clock that only sleeping moves."""
    return World(saved, mirror, tmp_path)


class World:
    def __init__(self, saved, mirror, folder):
        self.saved, self.mirror = saved, mirror
        self.base = saved / "base"
        self.run = folder / "run"
        self.run.mkdir()
        self.study = folder / "study"
        self.slept = 0.0
        self.script = []

    def sleep(self, seconds):
        self.slept += seconds
        if self.script:
            self.script.pop(0)()

    def put(self, name, kind="one", *, without=()):
        target = self.run / name
        shutil.copytree(self.saved / kind, target, dirs_exist_ok=True)
        for missing in without:
            (target / missing).unlink()
        return target

    def watch(self, *arguments, script=(), engine="hf", **how):
        self.script = list(script)
        request = api.EvaluationRequest(
            tasks=("blimp_causative",), limit=6, data_dir=self.mirror, dtype="float32",
            engine=engine,
        )  # fmt: skip
        how = {"until": 10, **how}
        return api.watch(
            [str(a) for a in (arguments or (self.base, self.run))],
            self.study,
            request=request,
            how=api.Watching(
                every_seconds=10.0,
                sleep=self.sleep,
                clock=lambda: self.slept,
                **how,
            ),
            during=_silent,
        )


@contextmanager
def _silent():
    yield no_progress


def _told(news):
    return [(each.label, each.state.value) for each in news]


def _nothing():
    pass


def test_checkpoints_are_evaluated_as_they_come_in_step_order(world):
    script = [lambda: (world.put("checkpoint-9"), world.put("step_3")), _nothing]
    script += [lambda: world.put("checkpoint-10", "shards")]
    news = list(world.watch(script=script))
    assert [each.label for each in news] == ["base", "step_3", "checkpoint-9", "checkpoint-10"]
    assert [each.is_base for each in news] == [True, False, False, False]
    assert [each.computed for each in news] == [12, 12, 0, 12], "two have the same weights"
    assert set(news[1].verdicts) == {"language"}
    with api.Study(world.study) as study:
        assert study.labels == ("base", "step_3", "checkpoint-9", "checkpoint-10")


def test_a_checkpoint_with_missing_shards_is_waited_for(world):
    shards = sorted(file.name for file in (world.saved / "shards").glob("*.safetensors"))
    script = [
        lambda: world.put("checkpoint-10", "shards", without=shards[1:]),
        _nothing,
        _nothing,
        lambda: shutil.copy(world.saved / "shards" / shards[1], world.run / "checkpoint-10"),
        _nothing,
        lambda: world.put("checkpoint-10", "shards"),
    ]
    news = list(world.watch(script=script))
    assert _told(news) == [("base", "done"), ("checkpoint-10", "done")]
    assert world.script == [], "not before the last shard"
    assert world.slept >= 70, "and not before it was seen twice as it is"


def test_a_checkpoint_that_still_changes_is_waited_for(world):
    folder = world.run / "checkpoint-10"
    script = [lambda: world.put("checkpoint-10")]
    script += [lambda n=n: (folder / "log.txt").write_text("x" * n) for n in range(1, 5)]
    news = list(world.watch(script=script))
    assert _told(news)[-1] == ("checkpoint-10", "done")
    assert world.slept == 60, "five looks at a change, one at none"


@pytest.mark.parametrize("mark", ["trainer_state.json", "STABLE"])
def test_a_mark_that_the_trainer_writes_last_is_waited_for(world, mark):
    (world.put("checkpoint-5") / mark).touch()
    script = [lambda: world.put("checkpoint-10"), _nothing, _nothing, _nothing]
    script += [(world.run / "checkpoint-10" / mark).touch]
    news = list(world.watch(script=script))
    assert _told(news)[1:] == [("checkpoint-5", "done"), ("checkpoint-10", "done")]
    assert world.slept >= 60


def test_a_trainer_s_state_is_waited_for_where_its_optimiser_lies(world):
    folder = world.put("checkpoint-10")
    (folder / "optimizer.pt").touch()
    news = list(world.watch(script=[_nothing] * 3 + [(folder / "trainer_state.json").touch]))
    assert _told(news)[-1] == ("checkpoint-10", "done")
    assert world.script == []


def test_a_checkpoint_that_fails_is_tried_again_with_pauses_and_others_go_on(world):
    def broken():
        # whole by its headers: what fails is loading it
        folder = world.put("checkpoint-4")
        text = (folder / "config.json").read_text()
        (folder / "config.json").write_text(text.replace('"hidden_size": 32', '"hidden_size": 64'))

    news = []
    with pytest.raises(UnavailableError, match=r"1 checkpoints .* `checkpoint-4`") as caught:
        news.extend(iter_into(news, world.watch(script=[broken, lambda: world.put("step_10")])))
    assert caught.value.exit_code == 4
    states = [each.state for each in news if each.label == "checkpoint-4"]
    assert states == [WatchedState.RETRY, WatchedState.RETRY, WatchedState.FAILED]
    assert "checkpoint-4" in next(each.reason for each in news if each.reason)
    assert ("step_10", "done") in _told(news)
    assert world.slept >= 20 + 40, "each pause is longer than the one before"


def iter_into(news, coming):
    for each in coming:
        news.append(each)
    return ()


def test_what_is_mended_between_two_tries_is_evaluated(world):
    def broken():
        folder = world.put("checkpoint-10")
        (folder / "tokenizer.json").write_text("{}")

    news = list(world.watch(script=[broken, _nothing, lambda: world.put("checkpoint-10")]))
    assert _told(news)[1:] == [("checkpoint-10", "retry"), ("checkpoint-10", "done")]


def test_what_the_trainer_deletes_is_forgotten(world):
    script = [lambda: world.put("checkpoint-5", without=["model.safetensors"])]
    script += [lambda: shutil.rmtree(world.run / "checkpoint-5"), lambda: world.put("step_10")]
    assert _told(world.watch(script=script)) == [("base", "done"), ("step_10", "done")]


@pytest.mark.slow
def test_idle_ends_and_gives_up_what_never_became_whole(world):
    world.put("checkpoint-5", without=["model.safetensors"])
    world.put("checkpoint-7")
    news = []
    with pytest.raises(UnavailableError, match="checkpoint-5"):
        iter_into(news, world.watch(until=None, idle_seconds=400.0))
    assert _told(news) == [
        ("base", "done"),
        ("checkpoint-7", "done"),
        ("checkpoint-5", "waiting"),
        ("checkpoint-5", "failed"),
    ]
    assert "holds no weights" in news[-1].reason
    assert 400 <= world.slept <= 430


def test_the_same_command_again_computes_nothing_and_new_weights_under_an_old_name_anew(world):
    world.put("checkpoint-10")
    assert [each.computed for each in world.watch()] == [12, 12]
    again = list(world.watch())
    assert [(each.computed, each.kept) for each in again] == [(0, 12), (0, 12)]
    world.put("checkpoint-10", "base")
    last = list(world.watch())[-1]
    assert (last.computed, last.kept) == (0, 12), "the weights are the base's, which has answered"
    assert last.notes == ("the weights of `checkpoint-10` changed: evaluated again",)


def test_nothing_is_evaluated_before_the_base(world, tmp_path):
    world.put("checkpoint-10")
    base = tmp_path / "base"
    shutil.copytree(world.base, base)
    (base / "model.safetensors").rename(tmp_path / "later.safetensors")
    base_comes = [_nothing] * 3
    base_comes.append((tmp_path / "later.safetensors").rename)
    script = [*base_comes[:3], lambda: base_comes[3](base / "model.safetensors")]
    news = list(world.watch(base, world.run, script=script))
    assert [each.label for each in news] == ["base", "checkpoint-10"]
    assert news[0].is_base


@pytest.mark.slow
def test_adapters_of_a_run_are_watched_on_the_base_that_is_named(world):
    script = [lambda: save_tiny_adapter(world.base, world.run / "checkpoint-10", names="gone")]
    news = list(world.watch(world.base, f"{world.base}+{world.run}", script=script))
    assert _told(news) == [("base", "done"), ("checkpoint-10", "done")]


@pytest.mark.slow
def test_steps_of_several_runs_are_told_apart_by_their_folders(world, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    script = [
        lambda: (world.put("step_10"), shutil.copytree(world.saved / "one", other / "step_9"))
    ]
    news = list(world.watch(world.base, world.run, f"mine={other}", script=script))
    assert sorted(each.label for each in news) == ["base", "mine/step_9", "run/step_10"]


def test_ctrl_c_while_nothing_happens_ends_at_once(world):
    def stop():
        raise KeyboardInterrupt

    news = []
    with pytest.raises(KeyboardInterrupt):
        iter_into(news, world.watch(script=[_nothing, stop]))
    assert _told(news) == [("base", "done")]


@pytest.mark.parametrize(
    ("how", "word"), [({"idle_seconds": 0.0}, "idle"), ({"every_seconds": 0.0}, "two looks")]
)
def test_times_that_mean_nothing_are_usage_errors(how, word):
    with pytest.raises(UsageError, match=word):
        api.Watching(**how)


def test_a_folder_that_is_not_there_is_one_error_with_its_nearest_name(world):
    with pytest.raises(CheckpointError, match="does not exist") as caught:
        list(world.watch(world.base, world.run.with_name("rnu")))
    assert "run" in (caught.value.hint or "")
    file = world.base / "config.json"
    with pytest.raises(UsageError, match="is a file"):
        list(world.watch(file))
