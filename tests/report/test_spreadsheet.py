"""CSV: numbers that are numbers, and no formula from outside."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Verdict
from forgetscope.report import ReportView, render_csv
from forgetscope.report.spreadsheet import CSV_COLUMNS
from tests.report import behind, made


def rows(*, domains=None, tasks=(), view=None):
    if view is None:
        diagnosis = made.diagnosis(made.comparison(domains=domains, tasks=tasks))
        view = ReportView.of(diagnosis, checkpoints=made.SERIES)
    return list(csv.DictReader(io.StringIO(render_csv(view), newline="")))


def test_every_domain_and_task_has_a_row_in_the_order_of_the_report():
    found = rows(tasks=[made.cell("riddles", domain="logic")])
    names = [(row["level"], row["domain"], row["name"]) for row in found]
    assert names[:4] == [
        ("domain", "instruction_following", "instruction_following"),
        ("domain", "culture", "culture"),
        ("domain", "knowledge", "knowledge"),
        ("domain", "logic", "logic"),
    ]
    assert names[4] == ("task", "logic", "riddles")
    assert {row["checkpoint"] for row in found} == {"step 2,000"}


def test_numbers_are_those_of_the_report_as_programs_write_them():
    first = rows()[0]
    numbers = {key: first[key] for key in ("before", "after", "change", "low", "high", "lost")}
    assert numbers == {
        "before": "60.0",
        "after": "51.0",
        "change": "-9.0",
        "low": "-11.0",
        "high": "-7.0",
        "lost": "38",
    }
    assert rows(domains=[made.cell(change=0.0, n=12_345)])[0]["change"] == "0.0"
    assert rows(domains=[made.cell(change=0.0, n=12_345)])[0]["n"] == "12345"


def test_a_metric_without_points_keeps_its_unit_and_its_thousands():
    cell = made.cell("text", metric="word_perplexity", change=-1234.5, half=2000.25)
    (row,) = rows(domains=[cell])
    assert (row["change"], row["low"], row["high"]) == ("-1234.500", "-3234.750", "765.750")
    assert "word_perplexity" in row["words"]


def test_what_is_undefined_is_empty():
    (row,) = rows(domains=[made.unmeasured()])
    assert [row[key] for key in ("change", "low", "high")] == ["", "", ""]
    assert row["verdict"] == "CANNOT MEASURE"


def test_remarks_are_words():
    assert rows(view=ReportView.of(behind.full()))[0]["adjuncts"] == "FORMAT"


def test_a_base_alone_has_its_scores():
    found = rows(view=ReportView.of(made.diagnosis()))
    assert [(row["name"], row["before"], row["verdict"]) for row in found] == [
        ("logic", "60.0", ""),
        ("culture", "60.0", ""),
    ]


@pytest.mark.parametrize("text", [*made.HOSTILE, "+1+1", "@SUM(A1)", "-2-3", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    domains = [made.cell(text, Verdict.FORGOT), made.unmeasured("x", reason=text)]
    for row in rows(domains=domains):
        assert set(row) == set(CSV_COLUMNS)
        for cell in row.values():
            is_number = cell.removeprefix("-").replace(".", "", 1).isdigit()
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.text())
def test_any_name_gives_two_lines(name):
    assert len(rows(domains=[made.cell(name)])) == 1
