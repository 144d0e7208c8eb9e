"""The capability profile before and after, by what it holds."""

import pytest

from forgetscope.records import Role, Verdict
from forgetscope.report import ReportView
from forgetscope.report.figures import profile
from forgetscope.report.scores import scores
from tests.report import made


def found(*cells, **options):
    diagnosis = made.diagnosis(made.comparison(domains=cells), **options)
    return scores(diagnosis, order=[cell.name for cell in cells], name=str)


def test_rows_hold_both_scores_and_the_guesser_in_points():
    [row] = found(made.cell("logic", Verdict.FORGOT, change=-0.09)).rows
    assert (row.before, row.chance) == (60, 25)
    assert row.after == pytest.approx(51)
    assert (row.text, row.mark.word) == ("60.0 → 51.0", "FORGOT")


def test_what_is_not_scored_in_points_is_left_out():
    assert found(made.cell("text", metric="bits_per_byte")) is None
    assert found(made.unmeasured()) is None


def test_the_finding_tells_what_became_of_all_general_domains():
    told = found(made.cell("logic"), made.cell("math", role=Role.TARGET)).finding
    assert told == (
        "All general domains together: 60.0 points before, 58.0 at step-20, −2.0 [−3.0, −1.0]"
    )


def test_of_a_base_alone_the_strongest_and_the_weakest_domain_are_named():
    cells = [made.cell("logic", before=0.81), made.cell("law", before=0.27)]
    alone = scores(made.diagnosis(profile=cells), order=[], name=str)
    assert alone.finding == "Strongest in Logic (81.0), weakest in Law (27.0), in points"
    assert [row.mark for row in alone.rows] == [None, None]
    assert alone.after == ""


def test_the_picture_holds_rings_before_and_filled_dots_after_under_the_finding():
    view = ReportView.of(made.diagnosis(made.comparison()))
    figure = profile(view.scores)
    [axes] = figure.axes
    assert " ".join(figure.get_suptitle().split()) == view.scores.finding
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    at = [(line.get_ydata()[0], line.get_xdata()[0]) for line in dots]
    expected = [
        pair
        for place, row in enumerate(view.scores.rows)
        for pair in ((place, row.after), (place, row.before))
    ]
    assert at == expected
    texts = [text.get_text() for text in axes.texts]
    assert texts == [f"{r.text}   {r.mark.glyph} {r.mark.word}" for r in view.scores.rows]
