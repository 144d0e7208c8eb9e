"""Before and after, domain by domain."""

import math
from dataclasses import replace

from forgetscope.records import Role, Verdict
from forgetscope.report import wording
from forgetscope.report.dumbbell import dumbbell
from forgetscope.report.svg_trade import dumbbell_mark
from tests.report import made
from tests.report.behind_training import rival, short, training

ORDER = [cell.name for cell in made.example_domains()]


def bell(*, domains=None, **others):
    diagnosis = made.diagnosis(made.comparison(domains=domains))
    return dumbbell(diagnosis, training(**others), order=ORDER, name=lambda label: label)


def test_without_a_rival_scores_before_and_after_are_shown():
    found = bell(rivals=())
    assert not found.is_change
    assert found.columns == ("Base", "Now", "Change")
    row = found.rows[0]
    assert [(end.run.name, end.value) for end in row.ends] == [("RECAP", 51.0), ("base", 60.0)]
    assert [entry.text for entry in row.entries] == ["60.0", "51.0", "−9.0"]
    assert row.entries[2].note == "[−11.0, −7.0]"
    assert found.finding == "General domains FORGOT at step-20: 1 of 5"


def test_the_base_is_a_ring_so_that_the_two_ends_differ_in_shape():
    before, after = bell(rivals=()).runs
    assert (before.name, before.shape) == ("base", "ring")
    assert after.shape == "circle"


def test_with_a_rival_each_method_has_its_change_since_the_base():
    found = bell()
    assert found.is_change
    assert found.columns == ("RECAP", "GRPO")
    row = found.rows[0]
    assert [(end.run.name, end.value) for end in row.ends] == [("RECAP", -9.0), ("GRPO", -12.0)]
    assert [entry.text for entry in row.entries] == ["−9.0", "−12.0"]
    assert row.summary == (
        "Instruction following: RECAP −9.0 [−11.0, −7.0], GRPO −12.0 [−13.0, −11.0]"
    )
    assert found.finding == "General domains FORGOT, of 5: RECAP 1, GRPO 2"


def test_rows_have_the_order_of_the_page_with_the_target_last():
    labels = [row.label for row in bell().rows]
    assert labels == [
        *("Instruction following", "Culture", "Logic", "Language", "Knowledge", "Math")
    ]
    assert [row.is_target for row in bell().rows] == [False] * 5 + [True]


def test_a_domain_that_a_rival_did_not_answer_has_no_mark_of_it():
    row = next(row for row in bell().rows if row.label == "Culture")
    assert [end.run.name for end in row.ends] == ["RECAP"]
    assert row.entries[1].text == wording.UNDEFINED
    undefined = rival(cells=[short("culture", math.nan)])
    row = next(row for row in bell(rivals=[undefined]).rows if row.label == "Culture")
    assert len(row.ends) == 1


def test_what_cannot_be_measured_is_left_out_but_for_the_target():
    floor = made.cell("math", Verdict.CANNOT_MEASURE, change=0.4, role=Role.TARGET)
    words = made.cell("language", metric="word_perplexity")
    found = bell(domains=[made.unmeasured("logic"), words, floor, made.cell("culture")])
    assert [row.label for row in found.rows] == ["Culture", "Math"]
    assert bell(domains=[made.unmeasured()]) is None


def test_the_axis_holds_zero_margin_and_every_general_change():
    found = bell()
    assert found.axis.low <= -12
    assert found.axis.high >= 15
    assert (found.margin, found.margin_text) == (-2.0, "margin −2.0")


def test_a_huge_gain_does_not_flatten_the_losses():
    target = short("math", 0.9, Verdict.GAINED, role=Role.TARGET)
    found = bell(rivals=[rival(cells=[short("logic", -0.03), target])])
    assert found.axis.high < 30
    # it leaves the chart with an arrow, while the gain of the other method still has its mark
    row = found.rows[-1]
    assert [end.value > found.axis.high for end in row.ends] == [False, True]
    drawn = dumbbell_mark(row, bell=found)
    assert drawn.count("<circle") == 1
    assert drawn.count("<polygon") == 1


def test_a_gain_that_is_large_only_beside_small_losses_keeps_its_mark():
    target = short("math", 0.4, Verdict.GAINED, role=Role.TARGET)
    found = bell(rivals=[rival(cells=[short("logic", -0.2), target])])
    assert found.axis.high > 40


def test_rivals_of_which_only_points_are_known_have_no_column():
    assert bell(rivals=[rival(cells=())]).columns == ("Base", "Now", "Change")


def test_a_method_that_comes_twice_has_one_column():
    assert bell(rivals=[rival(), rival()]).columns == ("RECAP", "GRPO")


def test_without_general_domains_the_title_makes_no_count():
    target = made.cell("math", Verdict.GAINED, change=0.1, role=Role.TARGET)
    assert bell(domains=[target]).finding == "Where every method ended, domain by domain"
    assert bell(domains=[target], rivals=()).finding == "Scores at base and at step-20"


def test_a_base_alone_has_nothing_before_or_after():
    diagnosis = made.diagnosis()
    assert dumbbell(diagnosis, training(), order=[], name=str) is None


def test_an_undefined_interval_is_named():
    bare = replace(short("logic", -0.03), low=math.nan, high=math.nan)
    row = next(row for row in bell(rivals=[rival(cells=[bare])]).rows if row.label == "Logic")
    assert row.entries[1].note == "no interval"
