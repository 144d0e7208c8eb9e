"""The stage that long work is at, and what can be said of it."""

from __future__ import annotations

from dataclasses import replace

from forgetscope.cli.estimate import CountPace, Pace, duration, elapsed
from forgetscope.records import Standing, clean

__all__ = ["LOADING", "Stage"]

LOADING = "loading"
"""The note of a stage while a model is brought into memory."""


class Stage:
    """What was told last, and how fast it goes.

    Parameters
    ----------
    now
        A clock that never goes back, in seconds.
    """

    def __init__(self, *, now: float) -> None:
        self.name = ""
        self.done = self.total = 0
        self.note = ""
        self.standing: Standing | None = None
        self._first = 0
        self._now = now
        self._count_pace = CountPace(0, now=now)
        self._pace: Pace | None = None

    def update(
        self, name: str, done: int, total: int, *, note: str, standing: Standing | None, now: float
    ) -> bool:
        """Take note of a state; return whether a new stage begins with it."""
        name = clean(name)
        is_new = name != self.name
        if is_new:
            self._first = done
            self._count_pace = CountPace(done, now=now)
        self.name, self.done, self.total, self.note = name, done, total, clean(note)
        self.standing, self._now = standing and _clean(standing), now
        if standing is not None:
            self._pace = self._pace or Pace(now=now)
            self._pace.note(standing, now=now, is_loading=note == LOADING)
        return is_new

    @property
    def is_over(self) -> bool:
        """Whether nothing of the stage is left."""
        return self.done >= self.total

    def left(self, now: float) -> float | None:
        """Return how many seconds the rest will take, of everything where that is known."""
        if self.standing is not None and self._pace is not None:
            return self._pace.seconds_left(now=now)
        return self._count_pace.seconds_left(self.done, self.total, now=self._now)

    def left_text(self, now: float) -> str:
        """Return the time left in words; empty where it would be a guess."""
        seconds = self.left(now)
        return f"left about {duration(seconds)}" if seconds else ""

    def share(self) -> float:
        """Return how much is done, 0 to 1; of everything where that is known."""
        if self.standing is not None and self._pace is not None:
            return self._pace.share()
        return self.done / self.total if self.total else 0.0

    def rate_text(self) -> str:
        """Return how many answers come in a second; empty before there are any."""
        new, seconds = self.done - self._first, self._count_pace.seconds(now=self._now)
        if self.standing is None or new <= 0 or seconds <= 0:
            return ""
        rate = new / seconds
        return f"{rate:,.0f} answers/s" if rate >= 10 else f"{rate:.1f} answers/s"

    def tokens_text(self) -> str:
        """Return how many tokens come in a second; empty before there are any."""
        rate = self._pace.tokens_per_second if self._pace else 0.0
        return f"{rate:,.0f} tokens/s" if rate else ""

    def finished_text(self, now: float) -> str:
        """Return what remains to be said of a stage that is left behind."""
        took = elapsed(self._count_pace.seconds(now=now))
        return f"{self.name} {self.done:,}/{self.total:,} in {took}"


def _clean(standing: Standing) -> Standing:
    """Return a standing whose names can do nothing to a terminal."""
    return replace(standing, checkpoint=clean(standing.checkpoint), task=clean(standing.task))
