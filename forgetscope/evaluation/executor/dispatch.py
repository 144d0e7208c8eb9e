"""Dispatch: which worker gets which shard, and what becomes of the shard of a dead one.

Jobs are answered in the order in which they are expected. A later one is begun only when no shard
of an earlier one waits, so that workers are idle at the end of the series alone; its answers are
held in memory until they are asked for, and those are never more than the tail of a job.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from forgetscope.errors import EngineError, ForgetscopeError
from forgetscope.evaluation.executor.crew import Crew, Died, Event, Failed, Finished, Reply
from forgetscope.evaluation.executor.job import Job, Shard, forget_oldest
from forgetscope.evaluation.executor.shards import cut
from forgetscope.records import Answer
from forgetscope.scoring import Unit, reading_units

__all__ = ["MAX_DEATHS", "Dispatcher"]

MAX_DEATHS = 3
"""Workers that may die over one shard before it is given up."""
_SHARDS_OF_A_WORKER = 4
"""Of one job: the fewer, the longer the last worker is waited for; the more, the more is read
twice."""


@dataclass(slots=True, kw_only=True)
class _Course:
    """How far a job has come."""

    job: Job
    waiting: deque[Shard] | None = None
    """`None`: it is not cut into shards yet."""
    n_running: int = 0
    answers: list[Answer] = field(default_factory=list)
    """That nobody has taken yet."""
    error: ForgetscopeError | None = None
    """Raised in its turn: a broken checkpoint does not stop the ones before it."""

    @property
    def is_over(self) -> bool:
        return self.waiting is not None and not self.waiting and not self.n_running


class Dispatcher:
    """Lets a crew answer jobs.

    Parameters
    ----------
    crew
        Who answers.
    shard_tokens
        What a shard should cost at least.
    """

    def __init__(self, crew: Crew, *, shard_tokens: int) -> None:
        self._crew = crew
        self._shard_tokens = shard_tokens
        self._courses: dict[object, _Course] = {}
        self._running: dict[int, tuple[_Course, Shard]] = {}
        self._units: dict[object, tuple[Unit, ...]] = {}
        self._notes: dict[str, dict[str, None]] = {}

    def expect(self, jobs: Iterable[Job]) -> None:
        """Take note of jobs that will be asked for, in this order."""
        for job in jobs:
            self._courses.setdefault(job.key, _Course(job=job))

    def answers(self, job: Job) -> Iterator[Answer]:
        """Yield the answers of a job as they come in.

        Raises
        ------
        EngineError
            If workers died over a shard again and again.
        ForgetscopeError
            What the engine of a worker raised.
        """
        course = self._courses.setdefault(job.key, _Course(job=job))
        while True:
            self._fill()
            ready, course.answers = course.answers, []
            yield from ready
            if course.error is not None:
                raise course.error
            if course.is_over:
                break
            for event in self._crew.wait():
                self._take(event)
        self._courses.pop(job.key, None)

    def notes(self, model: str) -> tuple[str, ...]:
        """Return what a person should know of how a checkpoint's answers were computed.

        Parameters
        ----------
        model
            Its fingerprint.
        """
        return tuple(self._notes.get(model, ()))

    def _fill(self) -> None:
        """Give shards to idle workers."""
        for worker in range(self._crew.size):
            if worker in self._running:
                continue
            course = self._next()
            if course is None or not course.waiting:
                return
            shard = course.waiting.popleft()
            course.n_running += 1
            self._running[worker] = (course, shard)
            self._crew.start(worker, shard)

    def _next(self) -> _Course | None:
        """Return the first job of which a shard waits."""
        for course in self._courses.values():
            if course.waiting is None:
                course.waiting = deque(self._shards(course.job))
            if course.waiting:
                return course
        return None

    def _shards(self, job: Job) -> list[Shard]:
        # checkpoints of a series are mostly asked the same, so the order is the same too
        key = (job.digest, job.engine, job.config)
        if key not in self._units:
            forget_oldest(self._units)
            self._units[key] = reading_units(
                job.requests, job.tokenizer, job.config, checkpoint=job.checkpoint
            )
        parts = cut(
            self._units[key],
            job.asked,
            n_most=_SHARDS_OF_A_WORKER * self._crew.size,
            least_cost=self._shard_tokens,
        )
        return [
            Shard(job=job, number=number, of=len(parts), missing=set(part))
            for number, part in enumerate(parts, start=1)
        ]

    def _take(self, event: Event) -> None:
        course, shard = self._running[event.worker]
        if isinstance(event, Reply):
            # passes at the edge of a shard answer requests of its neighbour too
            new = [a for a in event.answers if a.request_id in shard.missing]
            shard.missing -= {answer.request_id for answer in new}
            course.answers += new
            known = self._notes.setdefault(course.job.checkpoint.fingerprint, {})
            known.update(dict.fromkeys(event.notes))
            return
        del self._running[event.worker]
        course.n_running -= 1
        match event:
            case Finished():
                pass
            case Died():
                self._again(course, shard, event.reason)
            case Failed():
                course.error = event.error
                course.waiting = deque()

    def _again(self, course: _Course, shard: Shard, reason: str) -> None:
        """Put the rest of a shard in front of the others, unless it kills whoever takes it."""
        shard.n_deaths += 1
        if shard.n_deaths >= MAX_DEATHS:
            course.waiting = deque()
            course.error = EngineError(
                f"{shard.name} was given up: {shard.n_deaths} workers died over it ({reason})",
                hint="often memory: use fewer `--workers` or a smaller `--dtype`; what was answered"
                " is kept, and the same command goes on",
            )
        elif shard.missing and course.waiting is not None and course.error is None:
            course.waiting.appendleft(shard)
