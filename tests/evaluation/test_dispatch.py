"""Who gets which shard, and what becomes of the shard of a dead worker."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import CheckpointError, EngineError, UnavailableError, UsageError
from forgetscope.evaluation import ExecutorConfig
from forgetscope.evaluation.executor.crew import Died, Failed, Finished, Reply
from forgetscope.evaluation.executor.dispatch import MAX_DEATHS, Dispatcher
from forgetscope.evaluation.executor.job import Job, digest_of
from forgetscope.evaluation.executor.room import room_for
from forgetscope.evaluation.executor.shards import cut
from forgetscope.records import Answer, Request, RequestKind
from forgetscope.scoring import (
    EngineConfig,
    Unit,
    engine_fingerprint,
    open_tokenizer,
    resolve_series,
)
from tests.tiny import save_tiny_llama


class _Crew:
    """Workers that answer one request a turn; some of them die, as told."""

    def __init__(self, size, *, deaths=(), broken=()):
        self.size = size
        self.deaths = deque(deaths)
        self.broken = broken
        self.started = []
        self._work = {}

    def start(self, worker, shard):
        assert worker not in self._work
        self.started.append((worker, shard.job.checkpoint.label, frozenset(shard.missing)))
        self._work[worker] = [shard.job.checkpoint.label, deque(sorted(shard.missing))]

    def wait(self):
        worker = min(self._work)
        label, left = self._work.pop(worker)
        if label in self.broken:
            return [Failed(worker=worker, error=CheckpointError(f"`{label}` is broken"))]
        if not left:
            return [Finished(worker=worker)]
        request = left.popleft()
        if self.deaths and self.deaths[0] in (request, "any"):
            self.deaths.popleft()
            return [Died(worker=worker, reason="killed")]
        self._work[worker] = [label, left]
        # a pass answers a neighbour too, who is not asked
        answers = tuple(_answer(each) for each in dict.fromkeys((request, "a 0")))
        return [Reply(worker=worker, answers=answers, notes=("slowly",))]


def _answer(request):
    return Answer(request_id=request, logprob=-1.0, n_tokens=1)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    names = [save_tiny_llama(folder / name, seed=seed) for seed, name in enumerate("xy")]
    return resolve_series([str(name) for name in names])


def _job(checkpoint, *, n=12):
    requests = tuple(
        Request(
            id=f"a {number}",
            item_id=str(number),
            index=0,
            kind=RequestKind.LOGLIKELIHOOD,
            context=f"{number} and one are",
            continuation=" three",
        )
        for number in range(n)
    )
    tokenizer, config = open_tokenizer(checkpoint), EngineConfig()
    return Job(
        checkpoint=checkpoint,
        tokenizer=tokenizer,
        config=config,
        engine=engine_fingerprint(tokenizer, config, checkpoint=checkpoint),
        requests=requests,
        digest=digest_of(requests),
        asked=frozenset(request.id for request in requests),
    )


def _ids(answers):
    return sorted(answer.request_id for answer in answers)


def test_every_request_is_answered_once_though_passes_answer_neighbours_too(series):
    job = _job(series[0])
    dispatcher = Dispatcher(_Crew(3), shard_tokens=1)
    assert _ids(dispatcher.answers(job)) == sorted(job.asked)
    assert dispatcher.notes(job.checkpoint.fingerprint) == ("slowly",)


def test_only_the_rest_of_a_dead_worker_s_shard_is_asked_again(series):
    job = _job(series[0])
    crew = _Crew(2, deaths=["a 2"])
    assert _ids(Dispatcher(crew, shard_tokens=10).answers(job)) == sorted(job.asked)
    first, second = [ids for _, _, ids in crew.started if "a 2" in ids]
    assert len(first) > 1
    assert second == {each for each in first if each >= "a 2" and each != "a 0"}


def test_a_shard_that_kills_every_worker_is_given_up_with_what_to_do(series):
    crew = _Crew(2, deaths=["a 2"] * MAX_DEATHS)
    with pytest.raises(EngineError, match=f"{MAX_DEATHS} workers died over it") as caught:
        list(Dispatcher(crew, shard_tokens=1).answers(_job(series[0])))
    assert "shard " in caught.value.message
    assert "of `x`" in caught.value.message
    assert "same command goes on" in caught.value.hint


def test_fewer_deaths_than_that_leave_no_trace(series):
    job = _job(series[0])
    crew = _Crew(2, deaths=["a 2"] * (MAX_DEATHS - 1))
    assert _ids(Dispatcher(crew, shard_tokens=1).answers(job)) == sorted(job.asked)


def test_a_later_checkpoint_begins_when_no_shard_of_an_earlier_one_waits(series):
    jobs = [_job(checkpoint) for checkpoint in series]
    crew = _Crew(2)
    dispatcher = Dispatcher(crew, shard_tokens=20)
    dispatcher.expect(jobs)
    answers = dispatcher.answers(jobs[0])
    assert _ids(answers) == sorted(jobs[0].asked)
    labels = [label for _, label, _ in crew.started]
    assert labels == sorted(labels)
    assert labels[-1] == "y"  # nobody waited for the last worker of the first
    assert _ids(dispatcher.answers(jobs[1])) == sorted(jobs[1].asked)


def test_a_broken_checkpoint_is_told_in_its_turn(series):
    jobs = [_job(checkpoint) for checkpoint in series]
    dispatcher = Dispatcher(_Crew(2, broken="y"), shard_tokens=20)
    dispatcher.expect(jobs)
    assert _ids(dispatcher.answers(jobs[0])) == sorted(jobs[0].asked)
    with pytest.raises(CheckpointError, match="`y` is broken"):
        list(dispatcher.answers(jobs[1]))


@given(
    costs=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30)), max_size=40),
    n_most=st.integers(1, 12),
    least_cost=st.integers(1, 60),
    data=st.data(),
)
def test_every_asked_request_is_in_exactly_one_shard(costs, n_most, least_cost, data):
    units = [
        Unit(ids=(f"{n} a", f"{n} b"), cost=cost, n_shared=shared)
        for n, (cost, shared) in enumerate(costs)
    ]
    ids = [each for unit in units for each in unit.ids]
    asked = set(data.draw(st.lists(st.sampled_from(ids)))) if ids else set()
    shards = cut(units, asked, n_most=n_most, least_cost=least_cost)
    assert sorted(each for shard in shards for each in shard) == sorted(asked)
    assert len(shards) <= n_most


def test_units_stay_whole_and_shards_part_where_least_is_shared():
    shared = [0, 9, 9, 9, 0, 9, 9, 9]
    units = [Unit(ids=(f"{n} a", f"{n} b"), cost=10, n_shared=s) for n, s in enumerate(shared)]
    asked = {each for unit in units for each in unit.ids}
    one, two = cut(units, asked, n_most=2, least_cost=1)
    assert one == {each for unit in units[:4] for each in unit.ids}
    assert two == asked - one


def test_little_work_is_not_cut():
    units = [Unit(ids=(str(n),), cost=10) for n in range(8)]
    assert len(cut(units, {str(n) for n in range(8)}, n_most=8, least_cost=80)) == 1


def test_a_cluster_is_divided_by_gpus_where_it_has_any_else_by_processors():
    config = ExecutorConfig(name="ray")
    gpus = room_for(config, n_cpus=32, n_gpus=4, device="auto")
    assert (gpus.n_workers, gpus.n_threads, gpus.n_gpus) == (4, 8, 1)
    cpus = room_for(config, n_cpus=32, n_gpus=4, device="cpu")
    assert (cpus.n_workers, cpus.n_threads, cpus.n_gpus) == (32, 1, 0)
    two = room_for(ExecutorConfig(name="ray", workers=2), n_cpus=8, n_gpus=0, device="auto")
    assert (two.n_workers, two.n_threads) == (2, 4)
    few = room_for(
        ExecutorConfig(name="ray", workers=2), n_cpus=8, n_gpus=0, device="auto", n_threads=1
    )
    assert few.n_threads == 1


@pytest.mark.parametrize(("device", "kind"), [("cpu", "processors"), ("cuda", "GPUs")])
def test_more_workers_than_places_are_refused_not_waited_for(device, kind):
    with pytest.raises(UsageError, match=f"has 2 {kind}, too few for 3 workers"):
        room_for(ExecutorConfig(name="ray", workers=3), n_cpus=2, n_gpus=2, device=device)


def test_workers_without_a_cluster_are_a_usage_error():
    with pytest.raises(UsageError, match="`--workers`") as caught:
        ExecutorConfig(workers=2)
    assert "--executor ray" in caught.value.hint
    with pytest.raises(UsageError, match="unknown executor `slurm`"):
        ExecutorConfig(name="slurm")


def test_ray_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr("forgetscope.evaluation.executor.config.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="needs ray") as caught:
        ExecutorConfig(name="ray")
    assert caught.value.exit_code == 4
    assert "forgetscope[ray]" in caught.value.hint
