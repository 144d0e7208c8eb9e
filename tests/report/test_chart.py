"""The chart model and what the SVG backend draws of it."""

import itertools
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Adjunct, Findings, Role, Verdict
from forgetscope.report import svg, wording
from forgetscope.report.chart import WIDEST_POINTS, forest_row, forest_scale, nice_ticks
from tests.report import behind, made


def row(*arguments, **options):
    cell = made.cell(*arguments, **options)
    return forest_row(cell, label=cell.name)


def elements(text):
    return list(ElementTree.fromstring(text).iter())


def of_class(text, name):
    return [one for one in elements(text) if name in one.get("class", "").split()]


@given(st.floats(-100, 0, allow_subnormal=False), st.floats(0, 100))
def test_ticks_enclose_the_range_evenly_and_hold_zero(low, high):
    ticks = nice_ticks(low, high + 0.01)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert len(ticks) <= 9 or (ticks[0], ticks[-1]) == (low, high + 0.01)
    steps = {round(b - a, 9) for a, b in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert 0 in ticks or len(ticks) == 2


@given(st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(0.001, 0.5)), max_size=6))
def test_the_scale_holds_zero_the_margin_and_every_interval_up_to_its_limit(moves):
    rows = [row(change=change, half=half) for change, half in moves]
    scale = forest_scale(rows, margin=0.02)
    assert scale.low < scale.margin < 0 < scale.high
    for drawn in rows:
        assert scale.low <= max(drawn.low_points, -WIDEST_POINTS)
        assert scale.high >= min(drawn.high_points, WIDEST_POINTS)


def test_a_row_states_all_four_item_counts_for_those_who_do_not_see_it():
    drawn = row(verdict=Verdict.FORGOT, lost=122, gained=28, retained=700, unsolved=232)
    for words in ("122 lost", "28 gained", "700 retained", "232 unsolved", "FORGOT"):
        assert words in drawn.summary


def test_a_row_that_cannot_be_measured_is_not_drawn_and_says_why():
    cell = made.unmeasured(reason="8 pairs")
    drawn = forest_row(cell, label="Tools")
    assert not drawn.is_drawn
    assert drawn.words == "8 pairs"


def test_what_is_not_in_points_never_stands_on_the_scale_of_points():
    text = row(verdict=Verdict.FORGOT, change=-3.0, half=0.5, metric="word_perplexity")
    assert not text.is_drawn
    assert (text.change, text.interval) == ("−3.000", "[−3.500, −2.500]")
    assert "word_perplexity" in text.words
    assert "points" not in text.summary
    assert forest_scale([text], margin=0.02) == forest_scale([], margin=0.02)


def test_an_undefined_interval_is_not_drawn():
    assert not row(low=math.nan).is_drawn


def test_shares_of_no_items_are_undefined():
    assert math.isnan(row(n=0, lost=0, gained=0).lost_share)


def test_the_forest_mark_of_a_row_is_this_svg():
    drawn = row(verdict=Verdict.FORGOT, change=-0.08, half=0.02)
    scale = forest_scale([drawn], margin=0.02)
    assert [tick.value for tick in scale.ticks] == [-10, -8, -6, -4, -2, 0, 2]
    text = svg.forest_mark(drawn, scale=scale)
    # 236 px from -10 to +2 after an inset of 14: -8 stands at 14 + 2/12 of 236
    assert '<circle class="dot" cx="53.3" cy="17" r="5.5"/>' in text
    assert '<path class="ci" d="M14.0 17H92.7M14.0 13v8M92.7 13v8"/>' in text
    assert '<line class="margin" x1="171.3" x2="171.3" y1="0" y2="34"/>' in text
    for tick, x in ((-10, "14.0"), (-8, "53.3"), (2, "250.0")):
        assert f"M{x} 0V34" in text, tick
    assert '<line class="zero" x1="210.7" x2="210.7" y1="0" y2="34"/>' in text


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.CANNOT_MEASURE])
def test_what_is_not_settled_has_a_hollow_dot(verdict):
    drawn = row(verdict=verdict)
    [dot] = of_class(svg.forest_mark(drawn, scale=forest_scale([drawn], margin=0.02)), "dot")
    hollow = "hollow" in dot.get("class")
    assert hollow == (verdict in (Verdict.SLIPPED, Verdict.UNDECIDED))


def test_an_interval_beyond_the_scale_ends_in_an_arrow():
    wild = row(change=-0.1, half=0.6)
    text = svg.forest_mark(wild, scale=forest_scale([wild], margin=0.02))
    assert len(of_class(text, "beyond")) == 2
    tame = row(change=-0.1, half=0.01)
    assert not of_class(svg.forest_mark(tame, scale=forest_scale([tame], margin=0.02)), "beyond")


def test_a_target_far_beyond_the_losses_is_one_arrow_and_stretches_nothing():
    loss = row(verdict=Verdict.FORGOT, change=-0.12, half=0.03)
    gain = row(verdict=Verdict.GAINED, change=0.77, half=0.05, role=Role.TARGET)
    scale = forest_scale([loss, gain], margin=0.02)
    assert scale.high <= WIDEST_POINTS + 5
    text = svg.forest_mark(gain, scale=scale)
    assert len(of_class(text, "beyond")) == 1
    assert not of_class(text, "dot")
    assert of_class(svg.forest_mark(loss, scale=scale), "dot")


def test_every_change_of_what_is_judged_stands_on_the_scale():
    loss = row(verdict=Verdict.FORGOT, change=-0.62, half=0.05)
    assert forest_scale([loss], margin=0.02).low <= loss.change_points


def bar_ends(path):
    """Where a bar begins and ends: `M88 11H32.0v12H88z`."""
    return tuple(float(number) for number in re.match(r"M([\d.]+) [\d.]+H([\d.]+)v", path).groups())


def test_item_bars_are_as_long_as_their_shares():
    drawn = row(n=100, lost=20, gained=5)
    text = svg.item_bar(drawn, widest_share=0.2)
    [lost], [gained] = of_class(text, "bar-lost"), of_class(text, "bar-gained")
    (zero, left), (start, right) = (bar_ends(bar.get("d")) for bar in (lost, gained))
    assert zero == start == svg.BAR_WIDTH / 2
    assert zero - left == 4 * (right - zero) == svg.BAR_HALF
    assert [one.text for one in elements(text) if one.tag.endswith("text")] == ["20", "5"]


def test_two_ticks_show_what_asking_again_would_lose_and_gain():
    found = row(n=100, lost=20, gained=5, findings=Findings(noise=behind.noise(rerun=0.1)))
    assert found.expected_share == 0.05
    [ticks] = of_class(svg.item_bar(found, widest_share=0.2), "expected")
    left, right = (float(x) for x in re.findall(r"M([\d.]+) ", ticks.get("d")))
    middle = svg.BAR_WIDTH / 2
    assert middle - left == right - middle == svg.BAR_HALF / 4


def test_a_task_and_a_row_without_a_rerun_have_no_such_ticks():
    known = Findings(noise=behind.noise(rerun=0.1))
    task = row(name="riddles", domain="logic", findings=known)
    unknown = row(findings=Findings(noise=behind.noise(rerun=math.nan)))
    for found in (task, unknown, row()):
        assert not of_class(svg.item_bar(found, widest_share=0.2), "expected")


def test_an_item_bar_without_a_moved_item_has_no_length():
    text = svg.item_bar(row(lost=0, gained=0), widest_share=0.0)
    [start], [end] = zip(
        *(bar_ends(bar.get("d")) for bar in of_class(text, "bar-lost")), strict=True
    )
    assert start == end


def test_the_axis_names_the_margin_and_every_tick():
    scale = forest_scale([row(change=0.05)], margin=0.02)
    texts = [one.text for one in elements(svg.forest_axis(scale)) if one.tag.endswith("text")]
    assert texts == [*(tick.text for tick in scale.ticks), "margin −2.0"]


def test_a_score_bar_is_as_long_as_the_score():
    text = svg.score_bar(0.5, chance=0.25, label="Logic")
    [fill], [chance] = of_class(text, "fill"), of_class(text, "chance")
    assert float(fill.get("width")) == svg.SCORE_WIDTH / 2
    assert float(chance.get("x1")) == svg.SCORE_WIDTH / 4
    assert not of_class(svg.score_bar(math.nan, chance=math.nan, label=""), "fill")


@pytest.mark.parametrize("text", made.HOSTILE)
def test_a_hostile_name_stays_text_inside_the_svg(text):
    cell = made.cell(text, adjuncts=(Adjunct.FORMAT,))
    label = wording.one_line(text)
    drawn = forest_row(cell, label=label)
    shown = svg.forest_mark(drawn, scale=forest_scale([drawn], margin=0.02))
    assert not re.search(r"<(?!/?(?:svg|line|path|circle|polygon|rect|text)\b)", shown)
    assert ElementTree.fromstring(shown).get("aria-label").startswith(label)


def drawn_with(**options):
    """A row and its picture."""
    found = forest_row(made.cell(change=-0.01, **options), label="Logic", margin=0.02)
    return found, svg.forest_mark(found, scale=forest_scale([found], margin=0.02))


def test_a_row_draws_the_margin_that_is_its_own():
    usual = forest_row(made.cell(margin=0.02), label="Culture", margin=0.02)
    own = forest_row(made.cell(change=-0.01, margin=0.05), label="Logic", margin=0.02)
    scale = forest_scale([usual, own], margin=0.02)
    assert math.isnan(usual.margin_points)
    assert scale.low <= own.margin_points == -5
    [line] = of_class(svg.forest_mark(usual, scale=scale), "margin")
    [moved] = of_class(svg.forest_mark(own, scale=scale), "margin")
    assert line.get("class").split() == ["margin"]
    assert moved.get("class").split() == ["margin", "own"]
    assert float(moved.get("x1")) < float(line.get("x1"))


def test_the_band_of_noise_lies_evenly_around_zero():
    _, text = drawn_with(noise_floor=0.015)
    [band], [zero] = of_class(text, "noise"), of_class(text, "zero")
    centre = float(band.get("x")) + float(band.get("width")) / 2
    assert centre == pytest.approx(float(zero.get("x1")), abs=0.1)


def test_where_noise_is_not_known_there_is_no_band():
    found, text = drawn_with()
    assert math.isnan(found.noise_points)
    assert not of_class(text, "noise")
    assert "noise" not in found.summary


def test_the_noise_is_named_for_those_who_do_not_see_the_band():
    assert "noise alone moves it by up to 1.5 points" in drawn_with(noise_floor=0.015)[0].summary


@pytest.mark.parametrize(
    ("fields", "remark"),
    [
        ({"weighting": "tasks"}, "each task weighs the same"),
        ({"weighting": "bytes"}, "longer texts weigh more"),
        ({"weighting": "own"}, "tasks weighed by the policy"),
        ({"n_missing": 1200}, "1,200 items have a score on one side only"),
        ({"margin": 0.05}, "own margin: 5.0 points"),
        ({"margin": 0.1, "metric": "bits_per_byte"}, "own margin: 0.100 bits_per_byte"),
    ],
)
def test_what_is_special_about_a_row_is_remarked(fields, remark):
    assert forest_row(made.cell(**fields), label="Logic", margin=0.02).remarks == (remark,)


def test_a_row_the_gate_is_surer_of_says_so_with_the_interval_it_reads():
    cell = made.cell("logic", Verdict.UNDECIDED, change=-0.005, half=0.017, margin=0.02)
    assert (cell.low < -0.02 < cell.unadjusted_low) is True
    [remark] = forest_row(cell, label="Logic", margin=0.02).remarks
    assert remark == "held at the gate’s level: [−1.9, +0.9]"
    held = replace(cell, verdict=Verdict.HELD)
    assert forest_row(held, label="Logic", margin=0.02).remarks == ()


def test_an_ordinary_row_has_no_remark():
    assert forest_row(made.cell(margin=0.02), label="Logic", margin=0.02).remarks == ()


def test_a_row_with_two_remarks_is_higher_and_its_lines_reach_its_edges():
    _, text = drawn_with(weighting="tasks", n_missing=3)
    picture = ElementTree.fromstring(text)
    height = svg.ROW_HEIGHT + svg.REMARK_HEIGHT
    assert float(picture.get("height")) == height
    _, top, _, whole = map(float, picture.get("viewBox").split())
    [zero] = of_class(text, "zero")
    assert (float(zero.get("y1")), float(zero.get("y2"))) == (top, top + whole)
    [dot] = of_class(text, "dot")
    assert float(dot.get("cy")) == top + whole / 2
