"""A series on a local Ray cluster of two workers: the numbers of one process, to the last bit."""

import contextlib
import shutil
import threading
import time
from importlib.util import find_spec

import psutil
import pytest
import torch
from safetensors.torch import load_file, save_file

from forgetscope.errors import EngineError
from forgetscope.evaluation import EvaluationOptions, ExecutorConfig, evaluate_series, open_suite
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice

# not imported here: what ray reads of the environment is set before it is
pytestmark = [
    pytest.mark.skipif(
        find_spec("ray") is None, reason="NOT TESTED: the extra `ray` is not installed"
    ),
    pytest.mark.usefixtures("cluster"),
]

LOCAL = ExecutorConfig()
RAY = ExecutorConfig(name="ray", workers=2, shard_tokens=300)
SUITE = Suite(
    name="test",
    choices=(
        TaskChoice(name="arc_easy", shots=2),
        TaskChoice(name="boolq"),
        TaskChoice(name="wikitext"),
        TaskChoice(name="gsm8k", max_new_tokens=6, temperature=1.0),
        TaskChoice(name="lambada_openai"),
    ),
)


@pytest.fixture(scope="module")
def cluster(_own_caches):
    """A cluster of this machine, for all tests of this file; it takes over their environment."""
    from forgetscope.evaluation.executor.cluster import cluster

    with cluster(RAY) as ray:
        yield ray


def _evaluate(folder, sources, mirror, executor, **changes):
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as many as either of two workers on two processors has
    options = EvaluationOptions(
        data_dir=mirror,
        engine=EngineConfig(dtype="float32", device="cpu"),
        executor=executor,
        **changes,
    )
    try:
        with Study(folder, create=True) as study:
            series = resolve_series([str(source) for source in sources])
            opened = open_suite(SUITE, options=options)
            return evaluate_series(series, opened, study, options=options)
    finally:
        torch.set_num_threads(before)


def _stored(folder):
    """Every stored answer and score of every sample, to the last bit."""
    with Study(folder) as study:
        rows = {}
        for checkpoint in study.series():
            held = study.answers_of(checkpoint.label)
            for column in study.profile(checkpoint.label).columns:
                for sample in (0, 1):
                    answers = held.by_item(column.item_ids, sample=sample)
                    scores = held.scores(column.item_ids, sample=sample)
                    for item in column.item_ids:
                        key = (checkpoint.label, item, sample)
                        rows[key] = (answers.get(item), scores.get(item))
        return rows


@pytest.fixture(scope="module")
def in_process(tmp_path_factory, mirror, models):
    """What one process stores of the series."""
    folder = tmp_path_factory.mktemp("studies") / "local"
    _evaluate(folder, models, mirror, LOCAL, repeats=2, rerun=True)
    return _stored(folder)


class _Killer(threading.Thread):
    """Kills workers while they are at work."""

    def __init__(self, *, times):
        super().__init__(daemon=True)
        self._times = times
        self._is_over = threading.Event()
        self.killed = set()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self.join()

    def run(self):
        while len(self.killed) < self._times and not self._is_over.is_set():
            time.sleep(0.02)
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    is_new = process.pid not in self.killed
                    if is_new and "ray::Worker.answer" in " ".join(process.cmdline()):
                        process.kill()
                        self.killed.add(process.pid)
                        break


def test_two_workers_store_what_one_process_stores_to_the_last_bit(
    tmp_path, mirror, models, in_process
):
    summary = _evaluate(tmp_path / "s", models, mirror, RAY, repeats=2, rerun=True)
    assert _stored(tmp_path / "s") == in_process
    assert summary.kept == 0
    again = _evaluate(tmp_path / "s", models, mirror, RAY, repeats=2, rerun=True)
    assert (again.computed, again.kept) == (0, summary.computed)


def test_workers_that_are_killed_leave_no_trace_in_the_numbers(
    tmp_path, mirror, models, in_process
):
    with _Killer(times=2) as killer:
        _evaluate(tmp_path / "s", models, mirror, RAY, repeats=2, rerun=True)
    assert len(killer.killed) == 2
    assert _stored(tmp_path / "s") == in_process


@pytest.mark.slow
def test_a_shard_that_kills_every_worker_is_given_up_and_one_process_goes_on(
    tmp_path, mirror, models, in_process
):
    with (
        _Killer(times=100),
        pytest.raises(EngineError, match="workers died over it") as caught,
    ):
        _evaluate(tmp_path / "s", models, mirror, RAY, repeats=2, rerun=True)
    assert caught.value.exit_code == 4
    assert "`--workers`" in caught.value.hint
    _evaluate(tmp_path / "s", models, mirror, LOCAL, repeats=2, rerun=True)
    assert _stored(tmp_path / "s") == in_process


@pytest.mark.slow
def test_a_broken_checkpoint_costs_no_other_its_answers(tmp_path, mirror, models):
    broken = shutil.copytree(models[1], tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    save_file(
        {name: torch.full_like(w, float("nan")) for name, w in weights.items()},
        broken / "model.safetensors",
        metadata={"format": "pt"},
    )
    with pytest.raises(EngineError, match="`broken` answers no numbers"):
        _evaluate(tmp_path / "s", [broken, models[0]], mirror, RAY)
    with Study(tmp_path / "s") as study:
        assert [checkpoint.label for checkpoint in study.series()] == ["base"]
        assert len(study.profile("base").columns) == len(SUITE.choices)
