"""Tables of results on a terminal and in a log."""

import pytest

from forgetscope.cli.console import use_color
from forgetscope.cli.lines import Table, show_table
from forgetscope.cli.talk import Color, Format, Talk, speak

TABLE = Table(
    head=("Study", "Checkpoint", "change"),
    rows=(("first", "step 80", "−1.0"), ("語", "", "+2.0")),
    left=(0, 1),
)


@pytest.fixture
def shown(monkeypatch, capsys):
    def show(width, **others):
        monkeypatch.setenv("COLUMNS", str(width))
        speak(Talk(**{"form": Format.TABLE} | others))
        use_color(Color.NEVER)
        show_table(TABLE)
        return capsys.readouterr().out.splitlines()

    yield show
    speak(Talk())


def test_a_table_is_aligned_where_there_is_room(shown):
    assert shown(80) == [
        "Study  Checkpoint  change",
        "first  step 80       −1.0",
        "語                   +2.0",
    ]


def test_where_there_is_none_each_row_stands_by_itself_and_no_word_is_cut(shown):
    assert shown(24) == [
        "first",
        "  Checkpoint  step 80",
        "  change      −1.0",
        "語",
        "  change      +2.0",
    ]


def test_a_log_has_no_width(shown):
    assert shown(10, form=Format.PLAIN) == shown(80)


def test_signs_of_ours_have_ascii_letters_and_silence_is_silence(shown):
    assert shown(80, use_ascii=True)[1] == "first  step 80       -1.0"
    assert shown(80, form=Format.PLAIN, quiet=2) == []
