"""Why items were lost: form before answer, nothing counted twice, nothing overclaimed."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Adjunct, Causes, Delivery, Estimate, Findings, FormatClass, Verdict
from forgetscope.report import svg, wording
from forgetscope.report.table import NO_INTERVAL, Entry
from forgetscope.report.why import why
from tests.report import behind, made

COUNTS = {
    FormatClass.TRUNCATED: 20,
    FormatClass.REFUSED: 2,
    FormatClass.INVALID: 8,
    FormatClass.ELSEWHERE: 3,
    FormatClass.DIFFERENT: 5,
}


def section(*, tasks=(), lost=38, adjuncts=(), **known):
    others = {"findings": Findings(**known), "adjuncts": adjuncts, "lost": lost}
    cell = made.cell("essays", Verdict.FORGOT, **others)
    return why(made.comparison(domains=[cell], tasks=tasks), order=["essays"])


def card(**known):
    [found] = section(**known).cards
    return found


def line(found, label):
    [entry] = [one.entry for one in found.lines if one.label == label]
    return entry


def test_the_card_says_how_many_lost_answers_are_format():
    assert card(causes=behind.causes(COUNTS)).finding == "31 of 38 lost answers are format"


@given(st.dictionaries(st.sampled_from(list(FormatClass)), st.integers(0, 3000), min_size=1))
def test_segments_are_all_lost_answers_form_first(counts):
    found = card(causes=behind.causes(counts))
    numbers = [int(segment.count.replace(",", "")) for segment in found.segments]
    assert sum(numbers) == sum(counts.values())
    assert 0 not in numbers
    order = [not segment.is_form for segment in found.segments]
    assert order == sorted(order)
    if numbers:
        assert math.isclose(sum(segment.share for segment in found.segments), 1)
        form = sum(n for form, n in counts.items() if form.is_format)
        assert found.finding.startswith(f"{form:,} of {sum(numbers):,} ")
    else:
        assert found.finding == ""


def test_a_match_somewhere_in_the_answer_is_only_possible():
    labels = [segment.label for segment in card(causes=behind.causes(COUNTS)).segments]
    assert "gold present but unread (possibly)" in labels
    assert not [label for label in labels if "possibly" in label and "gold" not in label]


def test_refusals_count_as_answers_and_not_as_form():
    found = card(causes=behind.causes(COUNTS))
    kinds = {segment.label: segment.is_form for segment in found.segments}
    assert kinds["refused"] is False
    assert kinds["hit the token limit"] is True


def test_both_readings_stand_with_their_intervals_and_verdicts():
    found = card(readings=behind.readings())
    assert line(found, "Strict reading").text == "−9.0"
    assert line(found, "Strict reading").note == "[−11.0, −7.0] · FORGOT"
    assert line(found, "Lenient reading").note == "[−1.7, +0.7] · HELD"
    assert line(found, "Due to the form alone").note == "[−10.5, −6.5]"


def test_two_readings_that_agree_are_one_line():
    same = behind.readings(form=Estimate(value=0.0, low=math.nan, high=math.nan))
    found = card(readings=replace(same, lenient=same.strict, lenient_verdict=same.strict_verdict))
    assert [one.label for one in found.lines] == ["Strict and lenient reading"]
    assert found.lines[0].entry.note == "[−11.0, −7.0] · FORGOT"


def test_readings_that_differ_on_items_and_agree_on_average_stay_two():
    cancelling = behind.readings(strict=-0.09, lenient=-0.09, form=behind.estimate(0.0, 0.01))
    labels = [one.label for one in card(readings=cancelling).lines]
    assert labels == ["Strict reading", "Lenient reading", "Due to the form alone"]


def test_where_nothing_was_lost_there_is_no_card():
    assert section(lost=0, readings=behind.readings(), causes=behind.causes({})) is None


def test_rates_change_with_intervals_and_the_length_is_a_ratio():
    found = card(causes=behind.causes(COUNTS))
    assert line(found, "Cut off at the token limit").note == "[+10.0, +14.0]"
    assert line(found, "Without a parsable answer").text == "+3.0"
    assert line(found, "Length of the answers").text == "1.84 ×"
    assert line(found, "Score of finished answers").note == "describes only"


def test_how_answers_were_delivered_is_told_of_all_of_them_lost_or_not():
    before = Delivery(n=90, truncated=0.02, unparsed=0.0, median_tokens=120.0)
    after = Delivery(n=90, truncated=0.31, unparsed=0.01, median_tokens=2047.5)
    told = behind.causes({}, delivery_before=before, delivery_after=after)
    cell = made.cell("law", findings=Findings(causes=told))
    [table] = why(made.comparison(domains=[cell]), order=["law"]).tables
    assert dict(zip(table.columns, (e.text for e in table.rows[0].entries), strict=True)) == {
        "Cut off": "2 % → 31 %",
        "Without a parsable answer": "0 % → 1 %",
        "Median tokens": "120 → 2,048",
        "Score, finished and parsed": "61.0 → 60.2",
    }


def test_what_was_not_measured_has_no_line():
    nothing = Causes(
        by_class=(),
        truncated=behind.UNKNOWN,
        unparsed=behind.UNKNOWN,
        token_ratio=math.nan,
        finished_before=math.nan,
        finished_after=0.5,
    )
    assert section(causes=nothing) is None
    assert section() is None


def test_the_card_bears_the_verdict_and_its_chips():
    found = section(readings=behind.readings(), adjuncts=(Adjunct.FORMAT,)).cards[0]
    assert found.mark is wording.MARKS[Verdict.FORGOT]
    assert [chip.word for chip in found.chips] == ["FORMAT"]


def test_what_came_back_stands_beside_its_control():
    found = section(recovered=(behind.recovered(), behind.recovered("prefix", n=1200)))
    [table] = found.tables
    assert table.columns == ("Asked", "Lost items asked", "Came back", "Control", "Stayed right")
    first, second = [[entry.text for entry in row.entries] for row in table.rows]
    assert first == ["with examples", "31", "77 %", "10 %", "94 %"]
    assert second[:2] == ["with the answer begun", "1,200"]
    assert table.rows[0].entries[2].note == "[65 %, 89 %]"


def test_a_share_that_came_back_stays_between_none_and_all():
    probe = behind.recovered(
        came_back=behind.estimate(0.97, 0.1), control=behind.estimate(0.02, 0.1)
    )
    [row] = section(recovered=(probe,)).tables[0].rows
    assert [entry.note for entry in row.entries[2:4]] == ["[87 %, 100 %]", "[0 %, 12 %]"]


def test_a_share_that_came_back_is_told_as_far_as_it_is_known():
    probe = behind.recovered(
        came_back=Estimate(value=1.0, low=math.nan, high=math.nan),
        control=behind.UNKNOWN,
        kept=behind.UNKNOWN,
    )
    [table] = section(recovered=(probe,)).tables
    assert not {"Control", "Stayed right"} & set(table.columns)
    assert table.rows[0].entries[2] == Entry("100 %", NO_INTERVAL)


def test_what_the_help_breaks_stands_beside_what_it_brings():
    probe = behind.recovered(kept=behind.estimate(0.04, 0.02))
    [table] = section(recovered=(probe,)).tables
    assert table.columns[-2:] == ("Control", "Stayed right")
    assert table.rows[0].entries[-1].text == "4 %"
    assert "says nothing" in table.note


def test_likelihood_is_called_evidence_and_not_proof():
    [table] = section(likelihood=behind.likelihood()).tables
    assert "evidence, not proof" in table.note
    [row] = table.rows
    texts = [entry.text for entry in row.entries]
    assert texts == ["400", "+0.004", "−0.210", "answers changed, likelihood trace intact"]


def test_a_likelihood_that_suggests_nothing_has_no_column_for_it():
    [table] = section(likelihood=behind.likelihood(words="")).tables
    assert "Suggests" not in table.columns


def bar(counts):
    found = card(causes=behind.causes(counts))
    return found, ElementTree.fromstring(svg.cause_bar(found.segments, label=found.summary))


@given(st.dictionaries(st.sampled_from(list(FormatClass)), st.integers(1, 900), min_size=1))
def test_the_bar_is_cut_in_proportion_and_fills_its_width(counts):
    found, drawn = bar(counts)
    rects = [one for one in drawn if one.tag == "rect"]
    widths = [float(one.get("width")) for one in rects]
    gaps = svg.CAUSE_GAP * (len(rects) - 1)
    assert sum(widths) == pytest.approx(svg.CAUSE_WIDTH - gaps, abs=0.1 * len(rects))
    for width, segment in zip(widths, found.segments, strict=True):
        assert width == pytest.approx((svg.CAUSE_WIDTH - gaps) * segment.share, abs=0.1)
    ends = [float(one.get("x")) + float(one.get("width")) for one in rects]
    assert all(float(one.get("x")) >= end - 0.11 for one, end in zip(rects[1:], ends, strict=False))


def test_a_number_is_written_only_where_it_fits_and_always_in_words():
    found, drawn = bar({FormatClass.TRUNCATED: 980, FormatClass.DIFFERENT: 2})
    assert [one.text for one in drawn if one.tag == "text"] == ["980"]
    assert drawn.get("aria-label") == "980 hit the token limit, 2 different answer"
    assert found.summary == drawn.get("aria-label")


def test_form_and_answer_have_different_fills():
    _, drawn = bar(COUNTS)
    kinds = [one.get("class") for one in drawn if one.tag == "rect"]
    assert kinds == ["cause form"] * 3 + ["cause answer"] * 2


def test_hostile_words_are_shown_and_stay_on_one_line():
    [table] = section(likelihood=behind.likelihood(words="a\x1b[2J\nb")).tables
    assert table.rows[0].entries[-1].text == "a[ESC][2J b"
    probe = behind.recovered("new\u202ekind\n")
    text = section(recovered=(probe,)).tables[0].rows[0].entries[0].text
    assert not re.search("[\u202e\n]", text)
