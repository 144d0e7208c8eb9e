"""How numbers, names and verdicts are written."""

import math
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Adjunct, Findings, FormatClass, Verdict
from forgetscope.report import wording
from tests.report import behind, made


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (-0.0874, "−8.7"),
        (0.004, "+0.4"),
        (0.0, "±0.0"),
        (-0.0004, "±0.0"),
        (0.1, "+10.0"),
        (-12.5, "−1,250.0"),
        (math.nan, "–"),
        (math.inf, "+∞"),
    ],
)
def test_a_change_is_written_in_points_with_its_sign(share, text):
    assert wording.change(share) == text


@given(st.floats(-2, 2, allow_nan=False))
def test_a_change_and_its_opposite_differ_only_in_the_sign(share):
    forth, back = wording.change(share), wording.change(-share)
    assert forth[1:] == back[1:]
    assert {forth[0], back[0]} in ({"+", "−"}, {"±"})


def test_no_number_uses_a_hyphen_for_minus():
    texts = [wording.change(-0.5), wording.score(-0.5), wording.points(-0.5)]
    assert not any("-" in text for text in (*texts, wording.interval(-0.5, -0.1)))


def test_perplexity_is_written_in_its_own_unit():
    assert wording.score(12.3456, metric="word_perplexity") == "12.346"
    assert wording.change(-0.25, metric="bits_per_byte") == "−0.250"
    assert wording.change(0.0001, metric="bits_per_byte") == "±0.000"
    cell = made.cell(verdict=Verdict.FORGOT, change=-0.5, half=0.125, metric="bits_per_byte")
    assert wording.verdict_words(cell).startswith("−0.500 [−0.625, −0.375] bits_per_byte")


def test_an_interval_with_an_undefined_end_is_not_written():
    assert wording.interval(math.nan, 0.1) == ""
    assert wording.interval(-0.108, 0.065) == "[−10.8, +6.5]"


def test_a_p_value_is_never_written_as_zero():
    assert wording.p_value(0.0) == "<0.001"
    assert wording.p_value(0.0412) == "0.041"
    assert wording.p_value(math.nan) == "–"


def test_small_counts_are_words_and_large_ones_digits():
    assert [wording.number_word(n) for n in (0, 1, 9, 12, 13, 1319)] == [
        *("no", "one", "nine", "twelve"),
        *("13", "1,319"),
    ]


def test_every_verdict_and_adjunct_has_its_own_glyph_letter_and_word():
    marks = [wording.mark_of(verdict) for verdict in Verdict]
    chips = [wording.ADJUNCTS[adjunct] for adjunct in Adjunct]
    for part in ("glyph", "ascii", "word"):
        texts = [getattr(sign, part) for sign in (*marks, *chips)]
        assert len(set(texts)) == len(texts)
    assert [mark.word for mark in marks] == [str(verdict) for verdict in Verdict]
    assert all(sign.ascii.isascii() for sign in (*marks, *chips))


def test_held_with_an_interval_below_zero_admits_the_small_loss():
    small = made.cell(verdict=Verdict.HELD, change=-0.01, half=0.005)
    around = made.cell(verdict=Verdict.HELD, change=-0.001, half=0.005)
    assert "small proven loss" in wording.verdict_words(small)
    assert "small proven loss" not in wording.verdict_words(around)


def test_undecided_says_how_many_items_are_missing():
    cell = made.cell(verdict=Verdict.UNDECIDED, needs=1340)
    assert wording.verdict_words(cell).endswith("needs 1,340 more items")


def test_cannot_measure_gives_its_reason():
    assert wording.verdict_words(made.unmeasured(reason="8 pairs")) == "8 pairs"


def test_a_domain_slug_becomes_a_name():
    assert wording.title("safety-truthfulness_x") == "Safety truthfulness x"
    assert wording.title("GSM8K") == "GSM8K"


@given(st.text())
def test_clean_text_holds_no_character_that_hides(text):
    shown = wording.clean(text)
    categories = {unicodedata.category(sign) for sign in shown} - {"Co", "Cn"}
    assert not categories & {"Cs"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufeff]", shown)
    assert wording.clean(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"], exclude_characters="\u3164")))
def test_visible_text_stays_as_it_is(text):
    assert wording.clean(text) == wording.clean(wording.clean(text))
    visible = text.translate(dict.fromkeys(map(ord, "\u115f\u1160\uffa0")))
    assert wording.clean(visible) == visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "[ESC][31mred"),
        ("a\u202eb", "a[U+202E]b"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("dos\r\nline", "dos\nline"),
        ("\ud800", "[U+D800]"),
    ],
)
def test_a_hidden_character_is_named_in_its_place(text, shown):
    assert wording.clean(text) == shown


def test_a_name_for_a_heading_has_one_line():
    assert wording.one_line("a\n\nb\t c") == "a b c"


@given(st.floats(-2, 2))
def test_a_number_of_its_own_unit_comes_back_from_its_text(value):
    text = wording.decimal(value, is_change=True)
    assert text[0] in "+−±"
    number = float(text.replace("−", "-").replace("±", ""))
    assert abs(number - value) <= 0.0005 + 1e-9


def test_what_is_undefined_has_no_digits():
    assert {wording.decimal(math.nan), wording.percent(math.nan)} == {wording.UNDEFINED}
    assert wording.span(math.nan, 0.1) == wording.span(0.1, math.nan) == ""


@given(st.dictionaries(st.sampled_from(list(FormatClass)), st.integers(0, 50)))
def test_lost_answers_are_counted_by_form(counts):
    cell = made.cell(findings=Findings(causes=behind.causes(counts)))
    lost, form = sum(counts.values()), sum(n for c, n in counts.items() if c.is_format)
    expected = f"{form} of {lost} lost answers are format" if lost else ""
    assert wording.lost_by_form(cell) == expected


def test_lost_options_have_no_form():
    assert wording.lost_by_form(made.cell(lost=12)) == ""


@given(st.floats(-0.00004, 0.0))
def test_no_size_is_minus_zero(value):
    assert wording.points(value) == wording.score(value) == "0.0"
    assert wording.decimal(value) == "0.000"
