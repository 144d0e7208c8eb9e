import json
import re
import signal
from dataclasses import replace

import pytest

from forgetscope.cli import progress as progress_module
from forgetscope.cli.live import live_lines
from forgetscope.cli.progress import show_progress
from forgetscope.cli.stage import Stage
from forgetscope.cli.talk import Format, Talk, speak
from forgetscope.records import Effort, Standing


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


STANDING = Standing(
    checkpoint="step-750",
    number=3,
    of=8,
    task="ifeval",
    task_number=4,
    tasks=12,
    items=1240,
    items_total=5410,
    done=Effort(scored=1000.0),
    left=Effort(scored=3000.0),
)


def test_a_log_line_tells_checkpoint_task_items_pace_and_the_time_left(clock, capsys):
    with show_progress() as progress:
        progress("step-750 (3 of 8)", 0, 9000, standing=replace(STANDING, done=Effort()))
        clock.now += 100
        progress("step-750 (3 of 8)", 4100, 9000, standing=STANDING)
    assert _lines(capsys)[-1] == (
        "[12:00:00] checkpoint 3/8 step-750 task 4/12 ifeval 1,240/5,410 items, "
        "4,100/9,000 answers 41 answers/s left about 5 min"
    )


def test_under_jsonl_progress_is_events_on_stdout(clock, capsys):
    speak(Talk(form=Format.JSONL))
    try:
        with show_progress() as progress:
            progress("step-750 (3 of 8)", 0, 9000, note="loading", standing=STANDING)
            clock.now += 100
            progress("step-750 (3 of 8)", 9000, 9000, standing=STANDING)
    finally:
        speak(Talk())
    shown = capsys.readouterr()
    events = [json.loads(line) for line in shown.out.splitlines()]
    assert shown.err == ""
    assert [event["event"] for event in events] == ["progress"] * 2
    assert events[0]["is_loading"]
    assert (events[1]["checkpoint"], events[1]["task"], events[1]["done"]) == (
        *("step-750", "ifeval"),
        9000,
    )


@pytest.mark.parametrize("how", [Talk(quiet=1), Talk(shows_progress=False)])
def test_progress_is_silent_where_that_was_asked_for(how, capsys):
    speak(how)
    try:
        with show_progress() as progress:
            progress("base", 0, 10)
    finally:
        speak(Talk())
    assert capsys.readouterr() == ("", "")


def _interrupted(times):
    """Work that is interrupted so often; what it reached, a batch being stored in between."""
    reached = []
    try:
        with show_progress() as progress:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
            reached.append("stored")
            progress("base", 1, 10)
            reached.append("the next batch")
    except KeyboardInterrupt:
        reached.append("stopped")
    return reached


def test_the_first_interruption_waits_for_the_batch_and_the_second_does_not():
    before = signal.getsignal(signal.SIGINT)
    assert _interrupted(0) == ["stored", "the next batch"]
    assert _interrupted(1) == ["stored", "stopped"]
    assert _interrupted(2) == ["stopped"]
    assert signal.getsignal(signal.SIGINT) is before


def test_one_of_several_processes_stops_at_once(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert _interrupted(1) == ["stopped"]


def test_on_a_terminal_three_lines_tell_study_task_and_model():
    stage = Stage(now=0.0)
    stage.update("c", 0, 9000, note="", standing=replace(STANDING, done=Effort()), now=0.0)
    stage.update("c", 4100, 9000, note="", standing=replace(STANDING, tokens=5000), now=100.0)
    study, task, model = (line.plain for line in live_lines(stage, 100.0))
    assert study.split()[0] == "study"
    assert "checkpoint 3 of 8  25 %  left about 5 min" in study
    assert "4 of 12  ifeval  1,240/5,410 items  41 answers/s" in task
    assert "step-750: scoring  50 tokens/s" in model


def test_a_name_can_do_nothing_to_a_log_or_a_terminal(capsys):
    evil = replace(STANDING, checkpoint="\x1b[2Jx", task="t\u202e")
    with show_progress() as progress:
        progress("\x1b[2Jx (1 of 1)", 0, 10, note="\x1b]0;title\x07", standing=evil)
    told = capsys.readouterr().err
    stage = Stage(now=0.0)
    stage.update("\x1b[2Jx", 0, 10, note="\x1b", standing=evil, now=0.0)
    told += "".join(line.plain for line in live_lines(stage, 0.0)) + stage.finished_text(0.0)
    assert "ESC" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


def test_a_call_that_goes_on_says_what_is_kept_and_says_it_once(capsys):
    with show_progress() as progress:
        for done in (300, 310, 320):
            progress("step-750 (3 of 8)", done, 9000, standing=STANDING)
    told = [line for line in _lines(capsys) if "kept" in line]
    assert told == ["300 of 9,000 answers of `step-750` are kept"]
