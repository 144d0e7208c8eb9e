"""Progress of long work: a bar on a terminal, a plain line every 30 seconds in a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from forgetscope.cli.console import err
from forgetscope.records import Progress as ProgressProtocol

__all__ = ["show_progress"]

_LOG_EVERY_SECONDS = 30.0
_SURE_SHARE = 0.02
"""Below this share of the work an estimate of the rest is a guess, and is not shown."""


@contextmanager
def show_progress() -> Iterator[ProgressProtocol]:
    """Show the progress of the work in this block on stderr."""
    if not err.is_terminal:
        yield _LogLines()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=err) as bars:
        yield _Bars(bars)


class _Bars:
    """One bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._ids: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int, /, note: str = "") -> None:
        if stage not in self._ids:
            self._ids[stage] = self._bars.add_task(stage, total=total, completed=done, note=note)
        self._bars.update(self._ids[stage], completed=done, total=total, note=note)


class _LogLines:
    """A line when a stage begins and ends, and every 30 seconds between."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = self._spoke = time.monotonic()
        self._first = 0

    def __call__(self, stage: str, done: int, total: int, /, note: str = "") -> None:
        now = time.monotonic()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._began, self._first = stage, now, done
        if is_new or done >= total or now - self._spoke >= _LOG_EVERY_SECONDS:
            self._spoke = now
            self._say(done, total, note, now - self._began)

    def _say(self, done: int, total: int, note: str, seconds: float) -> None:
        line = f"[{time.strftime('%H:%M:%S')}] {self._stage} {done:,}/{total:,}"
        if note:
            line += f" {note}"
        if done < total and done - self._first >= _SURE_SHARE * total:
            left = seconds * (total - done) / (done - self._first)
            line += f" left about {_duration(left)}"
        err.print(Text(line))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds / 10) * 10, 10)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
