"""The heat table colours what is proved and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Role, Verdict
from forgetscope.report.heat import bin_of, heat_table
from tests.report import made

CHANGES = st.floats(-0.5, 0.5)


@pytest.mark.parametrize(
    ("points", "expected"),
    [(-9, -5), (-8, -5), (-7.9, -4), (-4.1, -3), (-2, -2), (-1.5, -1), (-0.5, 0), (1, 1), (6, 4)],
)
def test_bins_deepen_at_fixed_points(points, expected):
    change = points / 100
    assert bin_of(change, low=change - 0.001, high=change + 0.001) == expected


@given(CHANGES, st.floats(0, 0.5), st.floats(0, 0.5))
def test_an_interval_that_holds_zero_has_no_colour(change, below, above):
    assert bin_of(change, low=-below, high=above) == 0


@given(CHANGES, st.floats(0.001, 0.1))
def test_a_gain_has_the_opposite_bin_of_an_equal_loss(change, half):
    assert bin_of(change, low=change - half, high=change + half) == -bin_of(
        -change, low=-change - half, high=-change + half
    )


def table(*comparisons, groups=(("logic", "culture"),)):
    columns = {comparison.after: f"step {comparison.after}" for comparison in comparisons}
    return heat_table(comparisons, columns=columns, groups=groups)


def two_steps(*, first=Verdict.HELD, role=Role.GENERAL):
    early = [made.cell("logic", first, change=-0.03), made.cell("culture", Verdict.HELD)]
    late = [
        made.cell("logic", Verdict.FORGOT, change=-0.09, role=role),
        made.cell("culture", Verdict.SLIPPED, change=-0.02, half=0.015),
    ]
    return made.comparison("10", domains=early), made.comparison("20", domains=late)


def test_rows_follow_the_given_order_and_columns_the_series():
    found = table(*two_steps(), groups=(("culture",), ("logic",)))
    assert found.columns == ("step 10", "step 20")
    assert [[row.label for row in group] for group in found.groups] == [["Culture"], ["Logic"]]
    assert [cell.text for cell in found.groups[1][0].cells] == ["−3.0", "−9.0"]


def test_losses_carry_their_mark_so_that_colour_is_never_alone():
    found = table(*two_steps())
    assert [row.cells[1].glyph for row in found.groups[0]] == ["▼", "▽"]
    assert all(not row.cells[0].glyph for row in found.groups[0])


def test_a_domain_that_one_checkpoint_did_not_answer_leaves_its_cell_empty():
    early, late = two_steps()
    found = table(made.comparison("10", domains=early.domains[:1]), late)
    culture = found.groups[0][1]
    assert (culture.cells[0].text, culture.cells[0].bin) == ("", 0)
    assert "not evaluated" in culture.cells[0].hint


def test_what_cannot_be_measured_shows_its_mark_and_reason():
    comparison = made.comparison("10", domains=[made.unmeasured("logic", reason="8 pairs")])
    [cell] = table(comparison, groups=(("logic",),)).groups[0][0].cells
    assert (cell.text, cell.bin) == ("∅", 0)
    assert "8 pairs" in cell.hint


def test_what_is_not_in_points_has_no_colour_but_its_mark():
    cell = made.cell("logic", Verdict.FORGOT, change=-3.0, half=0.5, metric="word_perplexity")
    [shown] = table(made.comparison("10", domains=[cell]), groups=(("logic",),)).groups[0][0].cells
    assert (shown.text, shown.glyph, shown.bin) == ("−3.000", "▼", 0)


def test_the_finding_names_the_first_forgotten_domain_and_when():
    assert table(*two_steps()).finding == "Logic is FORGOT first, at step 20"
    assert table(*two_steps(first=Verdict.FORGOT)).finding == "Logic is FORGOT first, at step 10"


def test_a_loss_of_the_target_is_no_forgetting():
    found = table(*two_steps(role=Role.TARGET))
    assert found.finding == "No general domain is FORGOT up to step 20"


def bin_in_table(verdict, change):
    cell = made.cell("logic", verdict, change=change, noise_floor=0.5)
    return (
        table(made.comparison("s1", domains=[cell]), groups=(("logic",),)).groups[0][0].cells[0].bin
    )


def test_noise_takes_the_colour_of_a_gain_but_of_no_proved_loss():
    assert bin_in_table(Verdict.GAINED, 0.07) == 0
    assert bin_in_table(Verdict.FORGOT, -0.07) == -4


def test_a_change_within_the_noise_has_no_colour():
    proved = {"low": -0.06, "high": -0.02}
    assert bin_of(-0.04, **proved) == -3
    assert bin_of(-0.04, **proved, noise=0.04) == 0
    assert bin_of(-0.04, **proved, noise=0.039) == -3
