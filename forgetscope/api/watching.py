"""Watch folders: evaluate each checkpoint when a training run has written it whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.watching_records import Seen, Watched, WatchedState, Watching
from forgetscope.errors import (
    ForgetscopeError,
    PairingError,
    StudyError,
    UnavailableError,
    UsageError,
)
from forgetscope.records import Progress
from forgetscope.scoring import (
    Arrival,
    WatchedFolder,
    lacking,
    stamp_of,
    watched_folder,
)
from forgetscope.store import Study as StoredStudy

if TYPE_CHECKING:
    from forgetscope.api.evaluation_request import EvaluationRequest
    from forgetscope.evaluation import EvaluationOptions, OpenSuite

__all__ = ["watch"]

TRIES = 3
"""How often a checkpoint is tried before it is given up."""
_PATIENCE = 30
"""Looks at a checkpoint that does not change and is not whole, before a person is told."""


def watch(
    arguments: Sequence[str],
    study: Path,
    *,
    request: EvaluationRequest,
    how: Watching,
    during: Callable[[], AbstractContextManager[Progress]],
) -> Iterator[Watched]:
    """Evaluate checkpoints as they come into folders, and yield what became of each.

    The first folder's first checkpoint is the base, unless the study has one.

    Parameters
    ----------
    arguments
        `[LABEL=][BASE+]FOLDER` each: checkpoints, or folders in which they appear.
    study
        Folder of the study, made or continued.
    during
        Opened around each evaluation; gives what is told of its progress.

    Raises
    ------
    UsageError
        If a folder, suite or setting cannot be meant.
    UnavailableError
        If the base cannot be evaluated, the study cannot be used, or, at the end, some checkpoint
        could not be evaluated.
    """
    from forgetscope.api.evaluation_request import options_of, wanted_suite
    from forgetscope.evaluation import open_suite

    if not arguments:
        raise UsageError("no folder was named", hint="name what the training writes into")
    folders = [watched_folder(argument) for argument in arguments]
    suite = wanted_suite(request, study)
    options = options_of(request, suite)
    with during() as progress:
        opened = open_suite(suite, options=options, progress=progress)
    yield from _Watch(folders, study, opened, options, how=how, during=during).run()


class _Watch:
    """One call of `watch`."""

    def __init__(
        self,
        folders: Sequence[WatchedFolder],
        study: Path,
        opened: OpenSuite,
        options: EvaluationOptions,
        *,
        how: Watching,
        during: Callable[[], AbstractContextManager[Progress]],
    ) -> None:
        self._folders = folders
        self._study = study
        self._opened = opened
        self._options = options
        self._how = how
        self._during = during
        self._seen: dict[Arrival, Seen] = {}
        self._busy = how.clock()
        """When something last happened."""
        runs = [folder for folder in folders if not _is_checkpoint(folder)]
        self._runs_need_names = len(runs) > 1

    def run(self) -> Iterator[Watched]:
        while True:
            arrivals = self._look()
            for arrival in self._ready(arrivals):
                yield self._evaluate(arrival)
            yield from self._impatient(arrivals)
            if self._is_over(arrivals):
                break
            self._how.sleep(self._how.every_seconds)
        yield from self._left_over(arrivals)
        failed = [a.name for a, seen in self._seen.items() if seen.is_failed]
        if failed:
            raise UnavailableError(
                f"{len(failed)} checkpoints could not be evaluated:"
                f" {', '.join(f'`{name}`' for name in failed)}",
                hint="the reasons stand above; the same command tries them again",
            )

    def _look(self) -> list[Arrival]:
        """Return what is there now, and note what changed since the last look."""
        arrivals = [
            arrival
            for folder in self._folders
            for arrival in folder.arrivals(prefix=folder.path.name if self._runs_need_names else "")
        ]
        for gone in set(self._seen) - set(arrivals):
            if not self._seen[gone].is_settled:  # trainers delete what is too old
                del self._seen[gone]
        for arrival in arrivals:
            stamp, seen = stamp_of(arrival.path), self._seen.get(arrival)
            if seen is None or seen.stamp.digest != stamp.digest:
                self._seen[arrival] = Seen(stamp=stamp)
                self._busy = self._how.clock()
            else:
                seen.n_looks += 1
        return arrivals

    def _ready(self, arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
        """Yield what can be evaluated now; before there is a base, nothing else."""
        for arrival in arrivals:
            if not self._has_base() and not self._is_first(arrival):
                return
            seen = self._seen[arrival]
            if not seen.is_settled and self._is_stable(seen):
                seen.reason = lacking(arrival)
                if not seen.reason and seen.not_before <= self._how.clock():
                    yield arrival
            if not seen.is_settled and not self._has_base():
                return

    def _is_first(self, arrival: Arrival) -> bool:
        return self._folders[0].path in (arrival.path, arrival.path.parent)

    def _is_stable(self, seen: Seen) -> bool:
        # what lies there for long need not be looked at twice
        age = time.time() - seen.stamp.changed  # the clock that files are written by
        return seen.n_looks >= 2 or age > 2 * self._how.every_seconds

    def _has_base(self) -> bool:
        return self._base() is not None

    def _base(self) -> str | None:
        from forgetscope.store import is_study

        if not is_study(self._study):
            return None
        with StoredStudy(self._study) as study:
            labels = [checkpoint.label for checkpoint in study.series()]
            base = self._options.base or study.meta("base")
        return str(base) if base in labels else None

    def _evaluate(self, arrival: Arrival) -> Watched:
        seen, started = self._seen[arrival], self._how.clock()
        try:
            done = self._done(arrival)
        except (StudyError, KeyboardInterrupt):
            raise
        except (UnavailableError, PairingError) as error:
            return self._failed(arrival, error)
        finally:
            self._busy = self._how.clock()
        seen.is_settled = True
        return replace(done, seconds=self._how.clock() - started)

    def _done(self, arrival: Arrival) -> Watched:
        from forgetscope.evaluation import evaluate_series

        checkpoint = arrival.checkpoint()
        with StoredStudy(self._study, create=True) as study, self._during() as progress:
            summary = evaluate_series(
                (checkpoint,), self._opened, study, options=self._options, progress=progress
            )
        base = self._base()
        verdicts = {} if base in (None, checkpoint.label) else self._verdicts(checkpoint.label)
        return Watched(
            label=checkpoint.label,
            step=checkpoint.step,
            state=WatchedState.DONE,
            computed=summary.computed,
            kept=summary.kept,
            is_base=base == checkpoint.label,
            forgot=tuple(domain for domain, verdict in verdicts.items() if verdict == "FORGOT"),
            verdicts=verdicts,
            notes=summary.notes,
        )

    def _verdicts(self, label: str) -> dict[str, str]:
        from forgetscope.api.study import Study

        with Study(self._study) as study:
            comparison = study.compare(study.labels[0], label, margin=self._how.margin)
        return {cell.name: str(cell.verdict) for cell in comparison.domains}

    def _failed(self, arrival: Arrival, error: ForgetscopeError) -> Watched:
        seen = self._seen[arrival]
        if not self._has_base():
            raise error  # without it nothing can be compared
        seen.n_failed += 1
        seen.reason = error.message
        # asked in other words is asked in other words however often one asks
        is_final = seen.n_failed >= TRIES or isinstance(error, UsageError)
        seen.is_settled = seen.is_failed = is_final
        seen.not_before = self._how.clock() + self._how.every_seconds * 2**seen.n_failed
        state = WatchedState.FAILED if is_final else WatchedState.RETRY
        return Watched(label=arrival.name, step=arrival.step, state=state, reason=error.message)

    def _impatient(self, arrivals: Sequence[Arrival]) -> Iterator[Watched]:
        """Yield once what has not become whole for long."""
        for arrival in arrivals:
            seen = self._seen[arrival]
            if not seen.is_settled and seen.n_failed == 0 and seen.n_looks == _PATIENCE:
                yield Watched(
                    label=arrival.name,
                    step=arrival.step,
                    state=WatchedState.WAITING,
                    reason=seen.reason,
                )

    def _is_over(self, arrivals: Sequence[Arrival]) -> bool:
        waits = any(0 < self._seen[a].n_failed < TRIES for a in arrivals if self._is_open(a))
        if waits:
            return False
        if self._how.until is not None and self._reached(arrivals, self._how.until):
            return True
        idle = self._how.idle_seconds
        return idle is not None and self._how.clock() - self._busy >= idle

    def _is_open(self, arrival: Arrival) -> bool:
        return not self._seen[arrival].is_settled

    def _reached(self, arrivals: Sequence[Arrival], until: int) -> bool:
        steps = {a: a.step for a in self._seen if a.step is not None}
        is_there = any(step >= until and not self._is_open(a) for a, step in steps.items())
        early = [a for a in arrivals if self._is_open(a) and steps.get(a, 0) <= until]
        return is_there and all(self._is_stable(self._seen[a]) for a in early)

    def _left_over(self, arrivals: Sequence[Arrival]) -> Iterator[Watched]:
        """Give up what did not become whole in time."""
        for arrival in arrivals:
            seen = self._seen[arrival]
            if not self._is_open(arrival) or self._is_later(arrival):
                continue
            seen.is_settled = seen.is_failed = True
            yield Watched(
                label=arrival.name,
                step=arrival.step,
                state=WatchedState.FAILED,
                reason=seen.reason or "it was still being written",
            )

    def _is_later(self, arrival: Arrival) -> bool:
        until = self._how.until
        return until is not None and arrival.step is not None and arrival.step > until


def _is_checkpoint(folder: WatchedFolder) -> bool:
    """Whether a folder is a checkpoint itself and no run."""
    arrivals = folder.arrivals()
    return len(arrivals) == 1 and arrivals[0].path == folder.path
