"""Three lines on a terminal that show where long work stands: all of it, the task, the model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from forgetscope.cli.stage import LOADING, Stage
from forgetscope.cli.talk import talk
from forgetscope.records import Standing, clean

__all__ = ["Lines", "live_lines"]

_BAR = 24


class Lines:
    """Receives progress and redraws; a finished stage leaves one line behind.

    Parameters
    ----------
    console
        Where to draw.
    clock
        Tells seconds, never going back.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._console = console
        self._stage = Stage(now=clock())
        self._live = Live(
            console=console,
            get_renderable=self._drawn,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
        if self._stage.name:
            self._leave()

    def __call__(
        self, stage: str, done: int, total: int, /, note: str = "", standing: Standing | None = None
    ) -> None:
        """Take note of a state."""
        if self._stage.name not in ("", clean(stage)):
            self._leave()
        self._stage.update(stage, done, total, note=note, standing=standing, now=self._clock())

    def _leave(self) -> None:
        self._console.print(Text(self._stage.finished_text(self._clock()), style="dim"))

    def _drawn(self) -> Group:
        return Group(*(_cropped(line) for line in live_lines(self._stage, self._clock())))


def live_lines(stage: Stage, now: float) -> Iterator[Text]:
    """Yield the lines that tell where a stage stands."""
    if not stage.name:
        return
    bar, left = _bar(stage.share()), stage.left_text(now)
    standing = stage.standing
    if standing is None:
        yield _line("", bar, stage.name, f"{stage.done:,}/{stage.total:,}", left, stage.note)
        return
    where = f"checkpoint {standing.number} of {standing.of}"
    yield _line("study", bar, where, f"{100 * stage.share():.0f} %", left)
    if standing.task:
        place = f"{standing.task_number} of {standing.tasks}"
        items = f"{standing.items:,}/{standing.items_total:,} items"
        yield _line("task", place, standing.task, items, stage.rate_text())
    else:
        yield _line("task", f"{stage.done:,}/{stage.total:,} answers")
    what = "writing" if standing.is_writing else "scoring"
    what = stage.note if stage.note == LOADING else f"{what}, {stage.note}".rstrip(", ")
    yield _line("model", f"{standing.checkpoint}: {what}", stage.tokens_text(), _memory())


def _line(name: str, *parts: str) -> Text:
    told = "  ".join(part for part in parts if part)
    return Text(f"{name:<6}", style="dim") + Text(told, style="not dim") if name else Text(told)


def _bar(share: float) -> str:
    full = round(min(max(share, 0.0), 1.0) * _BAR)
    done, open_ = ("#", ".") if talk().use_ascii else ("━", "╌")
    return done * full + open_ * (_BAR - full)


def _cropped(line: Text) -> Text:
    line.no_wrap, line.overflow = True, "crop"
    return line


def _memory() -> str:
    """Return the most memory that was in use so far; empty where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    n_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return f"{n_bytes / 1e9:.1f} GB memory at most"
