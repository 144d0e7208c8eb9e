"""Progress of long work: three lines on a terminal, a plain line every 30 seconds in a log."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.text import Text

from forgetscope.cli.console import err, say
from forgetscope.cli.interrupts import gentle
from forgetscope.cli.live import Lines
from forgetscope.cli.stage import LOADING, Stage
from forgetscope.cli.talk import Format, talk
from forgetscope.records import Progress as ProgressProtocol
from forgetscope.records import Standing, no_progress

__all__ = ["show_progress"]

_EVERY_SECONDS = 30.0


@contextmanager
def show_progress() -> Iterator[ProgressProtocol]:
    """Show the progress of the work in this block on stderr; Ctrl-C lets it finish its batch."""
    seen: set[str] = set()
    with gentle() as check, _shown() as show:

        def progress(
            stage: str,
            done: int,
            total: int,
            /,
            note: str = "",
            standing: Standing | None = None,
        ) -> None:
            if standing is not None and done and stage not in seen:
                say(f"{done:,} of {total:,} answers of `{standing.checkpoint}` are kept")
            seen.add(stage)
            show(stage, done, total, note=note, standing=standing)
            check()

        yield progress


@contextmanager
def _shown() -> Iterator[ProgressProtocol]:
    how = talk()
    if how.form is Format.JSONL:
        yield _Log(_event)
    elif how.quiet or not how.shows_progress:
        yield no_progress
    elif err.is_terminal:
        with Lines(err, clock=time.monotonic) as lines:
            yield lines
    else:
        yield _Log(_line)


class _Log:
    """Tells when a stage begins and ends, and every 30 seconds between."""

    def __init__(self, tell: Callable[[Stage, float], None]) -> None:
        self._tell = tell
        self._stage = Stage(now=time.monotonic())
        self._spoke = time.monotonic()

    def __call__(
        self, stage: str, done: int, total: int, /, note: str = "", standing: Standing | None = None
    ) -> None:
        now = time.monotonic()
        is_new = self._stage.update(stage, done, total, note=note, standing=standing, now=now)
        if is_new or done >= total or now - self._spoke >= _EVERY_SECONDS:
            self._spoke = now
            self._tell(self._stage, now)


def _line(stage: Stage, now: float) -> None:
    """Print a line for a log."""
    told = [f"[{time.strftime('%H:%M:%S')}]", *_where(stage), stage.rate_text()]
    left = stage.left_text(now) if not _is_over(stage) else ""
    err.print(Text(" ".join(part for part in [*told, left] if part)))


def _where(stage: Stage) -> Iterator[str]:
    standing = stage.standing
    if standing is None:
        yield f"{stage.name} {stage.done:,}/{stage.total:,}"
        yield stage.note
        return
    yield f"checkpoint {standing.number}/{standing.of} {standing.checkpoint}"
    if standing.task:
        yield f"task {standing.task_number}/{standing.tasks} {standing.task}"
        yield f"{standing.items:,}/{standing.items_total:,} items,"
    yield f"{stage.done:,}/{stage.total:,} answers"
    yield stage.note


def _is_over(stage: Stage) -> bool:
    standing = stage.standing
    return stage.is_over and (standing is None or standing.number == standing.of)


def _event(stage: Stage, now: float) -> None:
    """Print the same as one JSON object, for a program."""
    standing = stage.standing
    left = stage.left(now)
    content = {
        "event": "progress",
        "stage": stage.name,
        "done": stage.done,
        "total": stage.total,
        "note": stage.note,
        "is_loading": stage.note == LOADING,
        "checkpoint": standing.checkpoint if standing else None,
        "checkpoint_number": standing.number if standing else None,
        "checkpoints": standing.of if standing else None,
        "task": standing.task or None if standing else None,
        "share": round(stage.share(), 4),
        "seconds_left": None if left is None else round(left),
    }
    sys.stdout.write(json.dumps(content, sort_keys=True) + "\n")
    sys.stdout.flush()
