"""Interruptions: once lets the running batch be stored, twice stops at once.

A scheduler that ends a job (SIGTERM) is heard as a person who presses Ctrl-C (SIGINT).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from forgetscope.cli.talk import talk

__all__ = ["gentle", "terminable"]

_HELD = b"\nstopping when this batch is stored; Ctrl-C again stops at once\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end this block as Ctrl-C does: with an exit code, and a hint how to go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def gentle() -> Iterator[Callable[[], None]]:
    """Hold back the first interruption in this block until the function it gives is called.

    Of several processes each would wait for another moment, so there Ctrl-C stops at once; and
    only the main thread may ask for signals.
    """
    is_alone = os.environ.get("WORLD_SIZE", "1") == "1"
    if not is_alone or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    asked = threading.Event()

    def hold(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        if not talk().quiet:
            # the main thread may be in the middle of printing: no buffer may be touched here
            os.write(2, _HELD)

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    before = [(number, signal.signal(number, hold)) for number in _SIGNALS]
    try:
        yield check
    finally:
        for number, handler in before:
            signal.signal(number, handler)
    check()
