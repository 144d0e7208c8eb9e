import io

import pytest
from rich.console import Console

from forgetscope.cli import show as show_module
from forgetscope.cli.show import show
from forgetscope.diagnosis import diagnose
from forgetscope.records import Policy
from forgetscope.report import ReportView
from tests import strategies
from tests.report import behind, made


def _view():
    fine = strategies.task("arc", domain="knowledge", chance=0.25)
    before, after = strategies.counts(60, 5, 300)
    profiles = [
        strategies.profile("base", strategies.column(fine, before)),
        strategies.profile("tuned", strategies.column(fine, after)),
    ]
    return ReportView.of(diagnose(profiles, policy=Policy(margin=0.02)))


@pytest.fixture
def terminal(monkeypatch):
    def make(width):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, width=width, color_system=None)
        monkeypatch.setattr(show_module, "out", console)
        return stream

    return make


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_width_shows_domain_change_and_verdict_without_cutting_a_word(terminal, width):
    stream = terminal(width)
    show(_view())
    text = stream.getvalue()
    assert "FORGOT" in text
    assert "Knowledge" in text
    assert "−18.3" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_wide_terminal_shows_the_interval_and_the_counts(terminal):
    stream = terminal(120)
    show(_view())
    (row,) = [line for line in stream.getvalue().splitlines() if line.startswith("Knowledge")]
    assert row.split()[1] == "300"
    assert "[" in row
    assert "60" in row.split()
    assert "5" in row.split()


def test_a_pipe_gets_plain_lines(capsys):
    show(_view())
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "FORGOT" in out


@pytest.mark.parametrize(("width", "chip"), [(60, "¶"), (100, "¶"), (120, "¶ FORMAT")])
def test_a_remark_stands_beside_its_verdict_in_words_where_they_fit(terminal, width, chip):
    stream = terminal(width)
    show(ReportView.of(behind.full()))
    text = stream.getvalue()
    (row,) = [line for line in text.splitlines() if "▼ FORGOT" in line]
    assert row.rstrip().endswith(f"▼ FORGOT {chip}")
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_terminal_is_told_what_stands_behind_the_verdicts(terminal):
    stream = terminal(120)
    show(ReportView.of(behind.full(), checkpoints=made.SERIES))
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    assert "Instruction following: 31 of 38 lost answers are format" in lines
    assert [line for line in lines if line.startswith("Logic: lost from step 10 on; proven drop")]
