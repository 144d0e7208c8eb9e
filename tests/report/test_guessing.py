"""Knowledge and guessing: estimate, bounds and the published rule beside each other."""

import math

from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Findings
from forgetscope.report.guessing import guessing
from tests.report import behind, made


def section(**others):
    cell = made.cell("law", findings=Findings(knowledge=behind.knowledge(**others)))
    return guessing(made.comparison(domains=[cell]), order=["law"])


def entry(column, **others):
    found = section(**others)
    return found.rows[0].entries[found.columns.index(column)]


def test_lost_beyond_guessing_has_interval_bounds_and_the_published_number_beside_it():
    assert (entry("Lost").text, entry("Lost").note) == ("5.0", "[3.5, 6.5]")
    assert entry("Lost, bounds").text == "3.1 to 8.7"
    assert entry("Lost by arXiv:2510.17776").text == "3.8"
    assert entry("Known before").note == "[44.0, 50.0]"
    assert entry("Still known").text == "89 %"


def test_an_estimate_below_zero_is_no_negative_gain():
    found = entry("Gained")
    assert found.text == "0.0"
    assert found.note == "estimate −0.4 [−1.4, 0.6]"


def test_with_two_options_only_the_bounds_are_left():
    found = section(lost=behind.UNKNOWN, gained=behind.UNKNOWN)
    assert "Lost" not in found.columns
    assert "Gained" not in found.columns
    assert "Lost, bounds" in found.columns


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_bounds_are_ordered_and_never_below_zero(one, other):
    low, high = entry("Lost, bounds", lost_low=one, lost_high=other).text.split(" to ")
    assert 0 <= float(low) <= float(high)


def test_bounds_that_are_not_known_are_left_out():
    assert "Lost, bounds" not in section(lost_low=math.nan, lost_high=math.nan).columns


def test_what_a_base_that_knows_nothing_kept_is_not_told():
    assert "Still known" not in section(retention=math.nan).columns


def test_the_section_states_what_the_model_of_guessing_leaves_out():
    note = section().note
    assert "not equally tempting" in note
    assert "stable misconceptions" in " ".join(note.split())


def test_without_multiple_choice_there_is_no_section():
    assert guessing(made.comparison(domains=[made.cell("law")]), order=["law"]) is None
