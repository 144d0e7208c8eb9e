"""The only door to ray: a cluster, and workers on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forgetscope.errors import ForgetscopeError, UnavailableError
from forgetscope.evaluation.executor.config import ExecutorConfig
from forgetscope.evaluation.executor.crew import Died, Event, Failed, Finished, Reply
from forgetscope.evaluation.executor.job import Shard, forget_oldest
from forgetscope.evaluation.executor.room import Room, room_for
from forgetscope.evaluation.executor.worker import Question, Worker

__all__ = ["RayCrew", "cluster", "ray_crew"]

_ADDRESS = "RAY_ADDRESS"
"""Where it is set, Ray's own variable names the cluster; else one is started for this run."""
_POLL_SECONDS = 0.2
"""How long Ctrl-C may have to wait."""
_LONGEST_REASON = 200
_LOCAL = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # stdout belongs to the result: what ray says of a dead worker is said by us
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Set to 0, a cluster of one machine listens to that machine alone."""


class RayCrew:
    """Workers on a Ray cluster.

    Parameters
    ----------
    room
        Workers, and what each of them takes.
    """

    def __init__(self, room: Room) -> None:
        import ray

        self._ray = ray
        self._room = room
        self._actors = [self._hire() for _ in range(room.n_workers)]
        self._streams: dict[int, Any] = {}
        self._requests: dict[str, Any] = {}

    @property
    def size(self) -> int:
        """Workers."""
        return len(self._actors)

    def start(self, worker: int, shard: Shard) -> None:
        """Give an idle worker a shard."""
        job = shard.job
        if job.digest not in self._requests:
            forget_oldest(self._requests)
            self._requests[job.digest] = self._ray.put(job.requests)
        question = Question(
            checkpoint=job.checkpoint,
            config=job.config,
            engine=job.engine,
            sample_index=job.sample_index,
        )
        self._streams[worker] = (
            self._actors[worker]
            .answer.options(num_returns="streaming")
            .remote(question, self._requests[job.digest], frozenset(shard.missing))
        )

    def wait(self) -> Sequence[Event]:
        """Wait until workers have something to tell."""
        ready: list[Any] = []
        while not ready:
            streams = list(self._streams.values())
            ready, _ = self._ray.wait(streams, num_returns=1, timeout=_POLL_SECONDS)
        return [self._read(w) for w, stream in [*self._streams.items()] if stream in ready]

    def close(self) -> None:
        """Let all workers go."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _read(self, worker: int) -> Event:
        """Return what a worker tells next."""
        errors = self._ray.exceptions
        try:
            answers, notes = self._ray.get(next(self._streams[worker]))
        except StopIteration:
            del self._streams[worker]
            return Finished(worker=worker)
        except errors.RayTaskError as error:
            del self._streams[worker]
            if not isinstance(error.cause, ForgetscopeError):
                raise
            return Failed(worker=worker, error=error.cause)
        except errors.RayError as error:
            del self._streams[worker]
            with contextlib.suppress(errors.RayError):
                self._ray.kill(self._actors[worker])
            self._actors[worker] = self._hire()
            return Died(worker=worker, reason=_reason(error))
        return Reply(worker=worker, answers=answers, notes=notes)

    def _hire(self) -> Any:  # noqa: ANN401  a handle without a type
        actor = self._ray.remote(Worker).options(
            # of one machine; how many threads it uses is told below
            num_cpus=1,
            num_gpus=self._room.n_gpus,
            # whoever dies is replaced by the dispatcher, which knows what was answered
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        return actor.remote(folder=str(Path.cwd()), n_threads=self._room.n_threads)


@contextmanager
def ray_crew(config: ExecutorConfig, *, device: str) -> Iterator[RayCrew]:
    """Let workers of a cluster be ready in this block; see `cluster`.

    Raises
    ------
    UsageError
        If the cluster has no room for so many workers.
    """
    with cluster(config) as ray:
        resources = ray.cluster_resources()
        room = room_for(
            config,
            n_cpus=int(resources.get("CPU", 0)),
            n_gpus=int(resources.get("GPU", 0)),
            device=device,
            n_threads=_n_threads(),
        )
        crew = RayCrew(room)
        try:
            yield crew
        finally:
            crew.close()


@contextmanager
def cluster(config: ExecutorConfig) -> Iterator[Any]:
    """Start or join a cluster, and leave it after this block; one that is joined already stays.

    Raises
    ------
    UnavailableError
        If the cluster does not answer.
    """
    ray = _load(is_local=_ADDRESS not in os.environ)
    if ray.is_initialized():
        yield ray
        return
    _join(ray, config)
    try:
        yield ray
    finally:
        ray.shutdown()


def _n_threads() -> int:
    import torch

    return torch.get_num_threads()


def _load(*, is_local: bool) -> Any:  # noqa: ANN401  untyped library
    for name, value in {**_LOCAL, **({_LOOPBACK: "0"} if is_local else {})}.items():
        os.environ.setdefault(name, value)
    import ray
    import ray.exceptions

    return ray


def _join(ray: Any, config: ExecutorConfig) -> None:  # noqa: ANN401  untyped library
    address = os.environ.get(_ADDRESS)
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            n_cpus = max(os.cpu_count() or 1, config.workers or 1)
            ray.init(address="local", num_cpus=n_cpus, include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
        which = f"the Ray cluster at `{address}` does" if address else "a local Ray cluster does"
        raise UnavailableError(
            f"{which} not answer: {str(error).strip().partition(chr(10))[0]}",
            hint=f"`{_ADDRESS}` names the cluster; unset, one is started on this machine",
        ) from error


def _reason(error: Exception) -> str:
    """Return what ray says of a death, which is its last sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = lines[-1] if lines else type(error).__name__
    return last[:_LONGEST_REASON]
