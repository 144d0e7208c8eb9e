"""A long series is thinned, and no first loss falls between two columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Verdict
from forgetscope.report import ReportView
from forgetscope.report.figures import heat
from forgetscope.report.html import render_html
from forgetscope.report.thinning import MOST_COLUMNS, kept_places, thinning_note
from tests.report import made
from tests.report.test_html import Page


def series(verdicts):
    return [
        made.comparison(f"s{place}", domains=[made.cell("logic", verdict)])
        for place, verdict in enumerate(verdicts)
    ]


def test_a_short_series_is_shown_whole_and_says_nothing():
    assert kept_places(series([Verdict.HELD] * MOST_COLUMNS)) == tuple(range(MOST_COLUMNS))
    assert thinning_note(MOST_COLUMNS, n_kept=MOST_COLUMNS) == ""


def test_of_a_long_series_every_kth_counted_from_the_end_is_shown():
    assert kept_places(series([Verdict.HELD] * 50)) == tuple(range(1, 50, 3))


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=80))
def test_the_last_checkpoint_and_every_first_loss_are_shown(verdicts):
    kept = kept_places(series(verdicts))
    assert kept[-1] == len(verdicts) - 1
    for settled in (Verdict.FORGOT, Verdict.SLIPPED, Verdict.GAINED):
        if settled in verdicts:
            assert verdicts.index(settled) in kept


@pytest.mark.parametrize(("n", "word"), [(30, "second"), (50, "third"), (100, "5th")])
def test_the_note_says_how_many_and_which(n, word):
    note = thinning_note(n, n_kept=20)
    assert f"20 of {n} checkpoints: every {word}, the last, and each" in note


def test_page_and_picture_show_the_kept_columns_and_say_that_some_are_left_out():
    steps = series([*[Verdict.HELD] * 30, Verdict.FORGOT, *[Verdict.FORGOT] * 30])
    view = ReportView.of(made.diagnosis(*steps))
    assert view.heat.finding == "Logic is FORGOT first, at s30"
    assert "s30" in view.heat.columns
    assert len(view.heat.columns) < 30
    assert view.heat.note in Page(render_html(view)).text
    [axes] = heat(view).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list(view.heat.columns)
    assert view.heat.note in " ".join(axes.get_xlabel().split())
