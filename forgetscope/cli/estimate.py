"""The time left: what is still to be done, at the pace of what was done."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records import Effort, Standing

__all__ = ["CountPace", "Pace", "duration", "elapsed"]

SURE_SECONDS, SURE_SHARE = 30.0, 0.02
"""Before so much time or so much of the work an estimate is a guess, and is not shown."""

_WRITING = 10.0
"""How many characters are scored while one token is written, until that is measured."""


@dataclass(slots=True)
class _Rate:
    """How long one kind of work took."""

    seconds: float = 0.0
    units: float = 0.0

    def add(self, units: float, seconds: float) -> None:
        """Count work."""
        self.units += units
        self.seconds += seconds

    @property
    def each(self) -> float | None:
        """Seconds per unit; `None` before there was any."""
        return self.seconds / self.units if self.units else None


class Pace:
    """Learns how long scoring, writing and loading take, and so what the rest will take.

    Counting requests would be far off: to write an answer takes many times as long as to score an
    option, and all that is written comes at the end.

    Parameters
    ----------
    now
        A clock that never goes back, in seconds.
    """

    def __init__(self, *, now: float) -> None:
        self._began = self._last = now
        self._known = Standing(checkpoint="", number=0, of=0)
        self._scored, self._written = _Rate(), _Rate()
        self._loads = _Rate()
        self._is_loading = False
        self.tokens_per_second = 0.0
        """Of the last answers; 0 before there were any."""

    def note(self, standing: Standing, *, now: float, is_loading: bool) -> None:
        """Take note of where the work stands."""
        seconds = now - self._last
        new = standing.done.plus(self._known.done, times=-1)
        if self._is_loading:
            # together with the first answers, which come right behind
            self._loads.add(1, seconds)
        elif new.written > 0:
            self._written.add(new.written, seconds)
        elif new.scored > 0:
            self._scored.add(new.scored, seconds)
        else:
            # judging, and looking at the weights of the next checkpoint
            self._loads.add(0, seconds)
        n_tokens = standing.tokens - self._known.tokens
        if n_tokens and seconds > 0 and not self._is_loading:
            self.tokens_per_second = n_tokens / seconds
        self._known, self._last, self._is_loading = standing, now, is_loading

    def seconds_left(self, *, now: float) -> float | None:
        """Return how long the rest will take; `None` where that would be a guess."""
        if self.share() >= 1.0:
            return 0.0
        scored, written = self._scored.each, self._written.each
        if scored is None and written is None:
            return None
        if scored is None:
            scored = (written or 0.0) / _WRITING
        if written is None:
            written = scored * _WRITING
        left, done = self._known.left, self._known.done
        work = left.scored * scored + left.written * written
        share = _share(done, left, scored=scored, written=written)
        if now - self._began < SURE_SECONDS and share < SURE_SHARE:
            return None
        n_loads = self._known.of - self._known.number + self._is_loading
        loads = (self._loads.each or 0.0) * n_loads
        return max(work + loads - (now - self._last), 0.0)

    def share(self) -> float:
        """Return how much of the whole work is done, 0 to 1."""
        scored = self._scored.each or (self._written.each or 1.0) / _WRITING
        written = self._written.each or scored * _WRITING
        return _share(self._known.done, self._known.left, scored=scored, written=written)


class CountPace:
    """Learns how long one unit of a stage takes, where all are alike.

    Parameters
    ----------
    done
        Units that were done before.
    now
        A clock that never goes back, in seconds.
    """

    def __init__(self, done: int, *, now: float) -> None:
        self._first, self._began = done, now

    def seconds_left(self, done: int, total: int, *, now: float) -> float | None:
        """Return how long the rest will take; `None` where that would be a guess."""
        new = done - self._first
        if done >= total or new <= 0 or new < SURE_SHARE * total:
            return None
        return (now - self._began) * (total - done) / new

    def seconds(self, *, now: float) -> float:
        """Return how long it has taken so far."""
        return now - self._began


def duration(seconds: float) -> str:
    """Return a time, rounded to what can be believed of an estimate.

    >>> duration(41.3), duration(840), duration(5980)
    ('40 s', '14 min', '1 h 40 min')
    """
    if seconds < 90:
        return f"{max(round(seconds / 10) * 10, 10)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    minutes = 5 * round(minutes / 5)
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def elapsed(seconds: float) -> str:
    """Return a time that was measured.

    >>> elapsed(0.4), elapsed(75.2), elapsed(3723.0)
    ('0.4 s', '75 s', '1 h 02 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02d} min"


def _share(done: Effort, left: Effort, *, scored: float, written: float) -> float:
    def seconds(effort: Effort) -> float:
        return effort.scored * scored + effort.written * written

    whole = seconds(done) + seconds(left)
    return seconds(done) / whole if whole else 0.0
