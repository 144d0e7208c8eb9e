"""A blend: the search, the choice, and the verdict from other items."""

import math
from dataclasses import replace

import pytest

from forgetscope.records import Verdict
from forgetscope.report import wording
from forgetscope.report.blending import blending
from tests.report.behind_training import TARGET, blend, blend_point, short


def panel(label, **others):
    return next(panel for panel in blending(blend(**others)).panels if panel.label == label)


def test_the_finding_tells_share_gain_and_verdicts_from_the_items_kept_for_it():
    assert blending(blend()).finding == (
        "A blend of 50 % tuned weights: Math +6.6, 1 of 1 general domains HELD or GAINED, "
        "none FORGOT"
    )


def test_a_choice_that_did_not_hold_is_told():
    forgot = (short("logic", -0.05, Verdict.FORGOT), short("law", -0.04, Verdict.FORGOT))
    assert "yet Logic and Law FORGOT" in blending(blend(final=forgot)).finding


@pytest.mark.parametrize(
    ("require", "words"),
    [
        ("not-forgot", "No blend was without forgetting"),
        ("held", "No blend was HELD in every general domain"),
    ],
)
def test_where_no_blend_was_allowed_the_finding_says_so(require, words):
    found = blending(blend(chosen=None, final=(), require=require))
    assert found.finding == words
    assert math.isnan(found.chosen)
    assert found.chosen_text == ""
    assert found.final == ()


def test_a_choice_without_a_final_verdict_is_no_proof():
    assert blending(blend(final=())).finding.endswith("it has no final verdict")


def test_the_target_comes_first_then_the_largest_loss_of_the_last_blend():
    cells = (short("law", -0.1), short("logic", -0.2), blend_point(1, 0.1, 0).cells[1])
    points = (blend_point(1.0, 0.1, 0.0, cells=cells),)
    labels = [panel.label for panel in blending(blend(points=points)).panels]
    assert labels == ["Math", "Logic", "Law"]


def test_a_panel_starts_at_the_base_and_has_every_blend():
    [piece] = panel("Logic").pieces
    assert [(dot.share, dot.change) for dot in piece] == [
        *((0.0, 0.0), (0.25, -0.2), (0.5, -1.0), (1.0, -5.0))
    ]
    assert [dot.is_allowed for dot in piece] == [True, True, True, False]


def test_a_base_that_was_recorded_is_not_drawn_twice():
    points = (blend_point(0.0, 0.0, 0.0), blend_point(1.0, 0.1, -0.05))
    [piece] = panel("Logic", points=points).pieces
    assert [dot.share for dot in piece] == [0.0, 1.0]


def test_blends_stand_in_the_order_of_their_share_whatever_order_they_were_tried_in():
    points = tuple(reversed(blend().points))
    assert panel("Logic", points=points) == panel("Logic")


def test_a_line_breaks_where_a_blend_was_not_asked_a_domain():
    first, second, last = blend().points
    stopped = replace(second, cells=second.cells[1:])
    pieces = panel("Logic", points=(first, stopped, last)).pieces
    assert [[dot.share for dot in piece] for piece in pieces] == [[0.0, 0.25], [1.0]]


def test_general_domains_share_a_scale_and_the_target_has_its_own():
    cells = (*blend_point(1.0, 0.4, -0.05).cells, short("law", -0.2))
    found = blending(blend(points=(blend_point(1.0, 0.4, -0.05, cells=cells),)))
    target, first, second = found.panels
    assert first.change == second.change
    assert first.change.low <= -20
    assert target.change.high >= 40
    assert target.is_target


def test_the_margin_is_on_the_scale_even_where_nothing_was_lost():
    calm = (blend_point(1.0, 0.1, 0.001),)
    axis = panel("Logic", points=calm, margin=0.05).change
    assert axis.low <= -5


def test_dots_are_told_in_words():
    assert "Logic, 100 %: FORGOT, −5.0 [−6.0, −4.0], not allowed" in panel("Logic").summary


def test_the_search_table_says_what_was_allowed_chosen_and_why_not():
    table = blending(blend()).points
    assert [row.label for row in table.rows] == ["25 %", "50 %", "100 %"]
    assert table.columns == ("Allowed", "Math", "Logic")
    allowed, chosen, refused = (row.entries[0] for row in table.rows)
    assert (allowed.text, chosen.text) == ("✓ allowed", "✓ chosen")
    assert refused.text == "✕ not allowed"
    assert refused.note == "`logic` is FORGOT; stopped early"
    assert table.rows[0].entries[1].text == "+4.0"


def test_a_domain_that_was_not_asked_leaves_its_place_in_the_table_empty():
    first, _, last = blend().points
    table = blending(blend(points=(replace(first, cells=first.cells[1:]), last))).points
    assert table.rows[0].entries[2].text == wording.UNDEFINED


def test_the_final_rows_have_both_sides_on_the_same_items():
    target, logic = blending(blend()).final
    assert (target.label, target.n) == ("Math", "400")
    assert (logic.chosen.text, logic.chosen_mark.word) == ("−0.8", "HELD")
    assert (logic.after.text, logic.after_mark.word) == ("−5.2", "FORGOT")


def test_the_tuned_side_may_be_unknown():
    found = blending(blend(after_final=()))
    assert not found.has_after
    assert found.final[0].after_mark is None


def test_the_early_stop_is_explained_only_where_there_was_one():
    assert "ended early" in blending(blend()).lede
    calm = tuple(replace(point, was_stopped=False) for point in blend().points)
    assert "ended early" not in blending(blend(points=calm)).lede


def test_a_curve_without_a_cell_is_no_section():
    assert blending(blend(points=())) is None
    assert blending(blend(points=(blend_point(0.5, 0.0, 0.0, cells=()),))) is None


def test_undefined_changes_and_intervals_are_no_numbers():
    bare = replace(short("logic", -0.01), low=math.nan, high=math.nan)
    gone = short(TARGET, math.nan)
    found = blending(blend(points=(blend_point(0.5, 0, 0, cells=(bare, gone)),), chosen=None))
    by_label = {panel.label: panel for panel in found.panels}
    assert [len(piece) for piece in by_label["Logic"].pieces] == [2]
    assert [dot.share for piece in by_label["Math"].pieces for dot in piece] == [0.0]
    assert found.points.rows[0].entries[found.points.columns.index("Logic")].note == "no interval"
