import re

import pytest

from forgetscope.cli import progress as progress_module
from forgetscope.cli.progress import show_progress


class _Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def strftime(self, _format):
        return "12:00:00"


@pytest.fixture
def clock(monkeypatch):
    clock = _Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    return clock


def _lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_a_log_gets_a_line_at_the_start_every_30_seconds_and_at_the_end(clock, capsys):
    with show_progress() as progress:
        for done in range(0, 101, 5):
            progress("base", done, 100)
            clock.now += 10
    lines = _lines(capsys)
    assert lines[0] == "[12:00:00] base 0/100"
    assert lines[-1] == "[12:00:00] base 100/100"
    assert len(lines) == 1 + 6 + 1


def test_the_time_left_is_what_the_pace_so_far_promises(clock, capsys):
    with show_progress() as progress:
        progress("base", 0, 1000)
        clock.now += 100
        progress("base", 250, 1000)
    assert _lines(capsys)[-1].endswith("left about 5 min")


def test_no_time_is_promised_before_there_is_a_pace(clock, capsys):
    with show_progress() as progress:
        progress("base", 0, 1000)
        clock.now += 100
        progress("base", 5, 1000)
    assert "left" not in _lines(capsys)[-1]


def test_what_was_done_before_a_resumed_run_does_not_count_as_pace(clock, capsys):
    with show_progress() as progress:
        progress("base", 900, 1000)
        clock.now += 60
        progress("base", 950, 1000)
    assert _lines(capsys)[-1].endswith("left about 60 s")


def test_a_new_stage_speaks_at_once(clock, capsys):
    with show_progress() as progress:
        progress("one", 0, 10)
        clock.now += 1
        progress("two", 0, 10, note="loading")
    assert _lines(capsys)[-1] == "[12:00:00] two 0/10 loading"


def test_on_a_terminal_there_is_a_bar_and_no_log_line(monkeypatch):
    import io

    from rich.console import Console

    stream = io.StringIO()
    terminal = Console(file=stream, force_terminal=True, width=100)
    monkeypatch.setattr(progress_module, "err", terminal)
    with show_progress() as progress:
        progress("base", 3, 10)
        progress("base", 10, 10)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert "10/10" in shown
    assert "[" not in shown.split("base")[0]
