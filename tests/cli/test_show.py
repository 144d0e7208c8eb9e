import pytest

from forgetscope.cli.console import use_color
from forgetscope.cli.show import show
from forgetscope.cli.talk import Color, Format, Talk, speak
from forgetscope.diagnosis import diagnose
from forgetscope.records import Policy
from forgetscope.report import ReportView, wording
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
def terminal(monkeypatch, capsys):
    """Show a view as a table of some width, and return what is to be seen."""

    def make(view, *, width, **others):
        monkeypatch.setenv("COLUMNS", str(width))
        speak(Talk(form=Format.TABLE, **others))
        use_color(Color.NEVER)
        show(view)
        return capsys.readouterr().out

    yield make
    speak(Talk())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_width_shows_domain_change_and_verdict_without_cutting_a_word(terminal, width):
    text = terminal(_view(), width=width)
    assert "FORGOT" in text
    assert "Knowledge" in text
    assert "−18.3" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_wide_terminal_shows_the_interval_and_the_counts(terminal):
    text = terminal(_view(), width=120)
    row = next(line for line in text.splitlines() if line.startswith("Knowledge"))
    assert row.split()[1] == "300"
    assert "[" in row
    assert "60" in row.split()
    assert "5" in row.split()


def test_a_pipe_gets_plain_lines(capsys):
    show(_view())
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "FORGOT" in out


@pytest.mark.parametrize(("width", "chip"), [(60, "¶"), (80, "¶"), (120, "¶ FORMAT")])
def test_a_remark_stands_beside_its_verdict_in_words_where_they_fit(terminal, width, chip):
    text = terminal(ReportView.of(behind.full()), width=width)
    (row,) = [line for line in text.splitlines() if "▼ FORGOT" in line]
    assert row.rstrip().endswith(f"▼ FORGOT {chip}")
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_terminal_is_told_what_stands_behind_the_verdicts(terminal):
    text = terminal(ReportView.of(behind.full(), checkpoints=made.SERIES), width=140)
    said = [" ".join(line.split()) for line in text.splitlines()]
    assert "Instruction following 31 of 38 lost answers are format" in said
    assert [line for line in said if line.startswith("Logic lost from step 10 on; proven drop")]


def test_below_the_table_stand_the_last_clean_checkpoint_the_gate_and_the_whole_tally(terminal):
    view = ReportView.of(behind.full(), checkpoints=made.SERIES)
    *lines, tally = terminal(view, width=120).splitlines()
    assert [line for line in lines if line.startswith("Last clean checkpoint   none")]
    assert [line for line in lines if line.startswith("Gate passed             exit code 0")]
    (place,) = [i for i, line in enumerate(lines) if line.startswith("Comparability")]
    failed = [check.text for check in view.trust.checks if not check.is_passed]
    assert failed
    for text, line in zip(failed, lines[place + 1 :], strict=False):
        assert text.startswith(line.strip())
    words = [mark.word for mark in wording.MARKS.values()]
    assert [word for word in words if word in tally] == words


def test_a_terminal_of_any_width_is_never_overrun(terminal):
    view = ReportView.of(behind.full(), checkpoints=made.SERIES)
    for width in range(30, 160):
        text = terminal(view, width=width)
        assert max(map(len, text.splitlines())) <= width, width
        assert "−9.0" in text


def test_columns_come_whole_and_the_more_needed_ones_first(terminal):
    view = ReportView.of(behind.full(), checkpoints=made.SERIES)
    seen = {}
    for width in range(40, 160):
        lines = terminal(view, width=width).splitlines()
        head = next(line for line in lines if line.strip().startswith("domain "))
        for name in ("verdict", "interval", "base", "lost", "items", "path"):
            if name in head.split():
                seen.setdefault(name, width)
    needed = max(seen["verdict"], seen["interval"])
    assert needed < seen["base"] <= seen["lost"] <= seen["items"]


def test_ascii_is_ascii(terminal):
    view = ReportView.of(behind.full(), checkpoints=made.SERIES)
    for width in (50, 80, 140):
        text = terminal(view, width=width, use_ascii=True)
        assert text.isascii(), [sign for sign in text if not sign.isascii()]
        assert "v FORGOT # FORMAT" in text or width < 140


def test_what_cannot_be_measured_says_why_in_its_row_or_below_it(terminal):
    view = ReportView.of(behind.full())
    for width in (40, 140):
        lines = terminal(view, width=width).splitlines()
        place = next(i for i, line in enumerate(lines) if "Tools" in line)
        said = " ".join(" ".join(lines[place : place + 3]).split())
        assert "base at chance: 24.6 against 25.0" in said


def test_quiet_is_the_verdict_line_and_more_so_nothing(terminal):
    view = _view()
    assert terminal(view, width=80, quiet=1) == f"{view.headline}\n"
    assert terminal(view, width=80, quiet=2) == ""


def test_a_name_without_end_is_cut_and_the_row_stays_one(terminal):
    fine = strategies.task("arc", domain="long " * 60, chance=0.25)
    before, after = strategies.counts(60, 5, 300)
    profiles = [
        strategies.profile("base", strategies.column(fine, before)),
        strategies.profile("tuned", strategies.column(fine, after)),
    ]
    view = ReportView.of(diagnose(profiles, policy=Policy(margin=0.02)))
    rows = [line for line in terminal(view, width=80).splitlines() if "▼ FORGOT" in line]
    assert len(rows) == 1
    assert "…" in rows[0]
    assert len(rows[0]) <= 80


def test_what_names_hide_is_seen_and_does_nothing(terminal):
    evil = "\x1b[2J\x1b]8;;http://x\x07step\u202e\u200b"
    fine = strategies.task(f"arc{evil}", domain=f"knowledge{evil}", chance=0.25)
    before, after = strategies.counts(60, 5, 300)
    profiles = [
        strategies.profile(evil, strategies.column(fine, before)),
        strategies.profile(f"tuned{evil}", strategies.column(fine, after)),
    ]
    view = ReportView.of(diagnose(profiles, policy=Policy(margin=0.02)))
    for width in (40, 120):
        text = terminal(view, width=width)
        assert not {"\x1b", "\x07", "\u202e", "\u200b"} & set(text)
        assert "ESC" in text
