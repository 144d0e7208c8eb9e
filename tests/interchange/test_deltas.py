"""deltas.csv: complete, readable, and harmless in a spreadsheet."""

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.interchange import DELTA_COLUMNS, render_deltas, write_deltas
from forgetscope.records import Adjunct, Findings, FormatClass, Verdict
from tests.report import behind, made


def rows_of(diagnosis, **options):
    return list(csv.DictReader(io.StringIO(render_deltas(diagnosis, **options), newline="")))


def test_every_cell_of_every_comparison_has_a_row():
    task = made.cell("riddles", domain="logic")
    diagnosis = made.diagnosis(
        made.comparison("step-10", tasks=[task]), made.comparison("step-20", tasks=[task])
    )
    rows = rows_of(diagnosis, checkpoints=made.SERIES)
    n_domains = len(made.example_domains())
    assert len(rows) == 2 * (1 + n_domains + 1)
    assert {(row["step"], row["checkpoint"]) for row in rows} == {
        ("10", "step-10"),
        ("2000", "step-20"),
    }
    assert [row["level"] for row in rows[: n_domains + 2]] == [
        "overall",
        *["domain"] * n_domains,
        "task",
    ]


def test_numbers_come_back_exactly_as_they_were():
    cell = made.cell(change=-0.1 / 3, half=0.007)
    row = rows_of(made.diagnosis(made.comparison(domains=[cell])))[1]
    assert float(row["change"]) == cell.change
    assert float(row["low"]) == cell.low
    assert (int(row["lost"]), int(row["gained"])) == (cell.lost, cell.gained)


def test_a_cell_brings_its_own_margin_noise_and_detectable_loss():
    cell = made.cell(margin=0.05, noise_floor=0.0125, detectable=0.031, weighting="tasks")
    row = rows_of(made.diagnosis(made.comparison(domains=[cell])))[1]
    assert [float(row[name]) for name in ("margin", "noise_floor", "detectable")] == [
        0.05,
        0.0125,
        0.031,
    ]
    assert (row["weighting"], row["n_missing"]) == ("tasks", "0")


def test_lost_answers_are_counted_by_form_where_they_were_generated():
    counts = {FormatClass.TRUNCATED: 4, FormatClass.REFUSED: 2, FormatClass.DIFFERENT: 3}
    generated = made.cell("essays", findings=Findings(causes=behind.causes(counts)))
    rows = rows_of(made.diagnosis(made.comparison(domains=[generated, made.cell("choices")])))
    assert [(row["lost_generated"], row["lost_by_form"]) for row in rows[1:]] == [
        ("9", "4"),
        ("", ""),
    ]


def test_the_undefined_is_an_empty_cell_and_never_zero():
    row = rows_of(made.diagnosis(made.comparison(domains=[made.unmeasured()])))[1]
    assert row["verdict"] == "CANNOT MEASURE"
    assert [row[name] for name in ("change", "low", "high", "p_value", "step")] == [""] * 5


def test_adjuncts_stand_beside_the_verdict():
    cell = made.cell(verdict=Verdict.HELD, adjuncts=(Adjunct.SHIFTED, Adjunct.FORMAT))
    row = rows_of(made.diagnosis(made.comparison(domains=[cell])))[1]
    assert row["adjuncts"] == "SHIFTED FORMAT"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_name_is_a_formula(start):
    cell = made.cell(f"{start}cmd|' /C calc'!A0")
    row = rows_of(made.diagnosis(made.comparison(f"{start}1+1", domains=[cell])))[1]
    assert row["name"].startswith("'")
    assert row["checkpoint"].startswith("'")


@given(st.floats(-1, 1, allow_nan=False))
def test_a_negative_number_stays_a_number(change):
    row = rows_of(made.diagnosis(made.comparison(domains=[made.cell(change=change)])))[1]
    assert float(row["change"]) == change


@given(st.text(max_size=30))
def test_any_name_stays_in_its_cell(name):
    rows = rows_of(made.diagnosis(made.comparison(domains=[made.cell(name)])))
    assert len(rows) == 2
    assert set(rows[1]) == set(DELTA_COLUMNS)
    assert rows[1]["verdict"] == "HELD"


def test_a_base_alone_gives_only_the_header():
    assert render_deltas(made.diagnosis()) == ",".join(DELTA_COLUMNS) + "\r\n"


def test_the_file_holds_the_text_even_with_a_broken_name(tmp_path):
    diagnosis = made.diagnosis(made.comparison(domains=[made.cell("lone \ud800")]))
    path = write_deltas(diagnosis, tmp_path / "new" / "deltas.csv")
    assert "lone \\ud800" in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["deltas.csv"]


def test_an_unbounded_end_is_left_empty():
    cell = made.cell(low=-math.inf)
    row = rows_of(made.diagnosis(made.comparison(domains=[cell])))[1]
    assert row["low"] == ""
