"""Colours can be told apart and read, in both themes."""

import re

import pytest

from forgetscope.report import wording
from forgetscope.report.runs import runs_of
from forgetscope.report.theme import (
    HEAT,
    RUNS,
    TEXT_PAIRS,
    TOKENS,
    contrast,
    heat_ink,
    runs_css,
    theme_css,
)

THEMES = ("light", "dark")


def test_contrast_of_grey_on_white_is_the_published_value():
    # WebAIM and the WCAG understanding pages give 4.54 for #767676 on white
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_text_is_readable_on_its_background(ink, paper, theme):
    assert contrast(getattr(TOKENS[ink], theme), getattr(TOKENS[paper], theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("bin_index", HEAT)
def test_numbers_in_heat_cells_are_readable(bin_index, theme):
    ink, background = heat_ink(bin_index), HEAT[bin_index]
    assert contrast(getattr(ink, theme), getattr(background, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", ["loss", "gain", "undecided", "held", "bar-lost", "bar-gained"])
def test_marks_stand_out_from_the_card(mark, theme):
    assert contrast(getattr(TOKENS[mark], theme), getattr(TOKENS["card"], theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("paper", ["card", "gain-bg"])
def test_names_of_methods_are_readable_on_card_and_shade(name, paper, theme):
    assert contrast(getattr(RUNS[name], theme), getattr(TOKENS[paper], theme)) >= 4.5


def test_every_tone_of_a_method_is_a_colour_with_a_class():
    tones = {run.tone for run in runs_of("abcdefgh").values()}
    assert tones <= set(TOKENS | RUNS)
    for tone in (*tones, "ink3"):
        assert f".run-of-{tone}{{--run:var(--{tone})}}" in runs_css()


@pytest.mark.parametrize("theme", THEMES)
def test_a_deeper_bin_stands_out_more(theme):
    none = getattr(HEAT[0], theme)
    for side in (-1, 1):
        depths = [contrast(getattr(HEAT[side * depth], theme), none) for depth in range(6)]
        assert depths == sorted(depths)


def test_every_tone_of_a_verdict_is_a_colour():
    assert {mark.tone for mark in wording.MARKS.values()} <= set(TOKENS)


def test_the_style_sheet_gives_every_colour_for_both_themes():
    css = theme_css()
    for name, tone in TOKENS.items():
        assert f"--{name}:light-dark({tone.light},{tone.dark})" in css
    assert len(re.findall(r"^\.q(?:0|[mp][1-5])\{", css, flags=re.MULTILINE)) == len(HEAT)
