"""Tables hold no empty row and no empty column, and no change without its interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Estimate, Findings
from forgetscope.report import wording
from forgetscope.report.table import (
    NO_INTERVAL,
    Entry,
    decimal_entry,
    moved_entry,
    share_entry,
    size_entry,
    table,
    told,
)
from tests.report import behind, made

NAN = math.nan


def test_columns_and_rows_without_a_number_are_left_out():
    found = table(
        "Noise",
        [
            ("logic", {"items": Entry("1.1"), "rerun": Entry(), "steps": Entry()}),
            ("culture", {"items": Entry(), "rerun": Entry(), "steps": Entry()}),
            ("language", {"items": Entry(), "rerun": Entry(), "steps": Entry("0.7", "sd")}),
        ],
    )
    assert found.columns == ("items", "steps")
    assert [row.label for row in found.rows] == ["logic", "language"]
    assert [entry.text for entry in found.rows[0].entries] == ["1.1", wording.UNDEFINED]


def test_a_table_of_nothing_is_no_table():
    assert table("Noise", []) is None
    assert table("Noise", [("logic", {"items": Entry("", "a note is no number")})]) is None


@given(st.floats(-0.9, 0.9), st.floats(0.001, 0.5))
def test_a_change_stands_with_its_interval(value, half):
    entry = moved_entry(behind.estimate(value, half))
    assert entry.text == wording.change(value)
    assert entry.note == wording.interval(value - half, value + half)


def test_a_change_without_an_interval_says_so():
    bare = Estimate(value=-0.03, low=NAN, high=NAN)
    assert moved_entry(bare) == Entry("−3.0", NO_INTERVAL)
    assert decimal_entry(bare) == Entry("−0.030", NO_INTERVAL)


@pytest.mark.parametrize("make", [moved_entry, share_entry, decimal_entry])
def test_an_interval_without_width_is_none(make):
    assert make(Estimate(value=0.25, low=0.25, high=0.25)).note == NO_INTERVAL


@pytest.mark.parametrize("make", [moved_entry, share_entry, decimal_entry])
def test_what_is_not_known_is_empty(make):
    assert make(behind.UNKNOWN) == Entry()


def test_a_size_that_is_not_known_is_empty_and_zero_is_not():
    assert size_entry(NAN, note="standard error") == Entry()
    assert size_entry(0.0).text == "0.0"


@given(st.floats(-0.5, -0.0006))
def test_a_share_below_zero_is_zero_and_keeps_its_estimate(value):
    entry = share_entry(behind.estimate(value, 0.01))
    assert entry.text == "0.0"
    span = wording.span(value - 0.01, value + 0.01)
    assert entry.note == f"estimate {wording.points(value)} {span}"


def test_an_unbounded_metric_keeps_its_own_unit():
    entry = moved_entry(behind.estimate(-0.25, 0.1), metric="bits_per_byte")
    assert entry == Entry("−0.250", "[−0.350, −0.150]")


def domains():
    known = Findings(noise=behind.noise())
    return [made.cell("logic", findings=known), made.cell("culture"), made.cell("essays")]


def test_findings_come_in_the_order_of_the_page():
    cells = [made.cell(name, findings=Findings(noise=behind.noise())) for name in "abc"]
    found = told(made.comparison(domains=cells), lambda f: f.noise, order=["c", "a", "b"])
    assert [label for label, _, _ in found] == ["C", "A", "B"]


def test_tasks_speak_where_their_domain_knows_nothing():
    known = Findings(noise=behind.noise())
    tasks = [
        made.cell("riddles", domain="logic", findings=known),
        made.cell("essay_a", domain="essays", findings=known),
        made.cell("essay_b", domain="essays"),
    ]
    comparison = made.comparison(domains=domains(), tasks=tasks)
    order = ["logic", "culture", "essays"]
    found = [label for label, _, _ in told(comparison, lambda f: f.noise, order=order)]
    assert found == ["Logic", "Essays: essay_a"]
