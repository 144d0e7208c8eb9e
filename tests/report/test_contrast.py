"""Every colour the style sheets use is held to the contrast its use needs, in both themes."""

import re
from importlib import resources

import pytest

from forgetscope.report.theme import RUNS, TEXT_PAIRS, TOKENS, contrast

THEMES = ("light", "dark")
PAPERS = ("bg", "card")
TONES = ("loss", "gain", "undecided", "held", "ink3")
"""What `--tone` may stand for: the colours of verdicts."""

DECORATION = {"line", "line2", "noise", "held-bg", "gain-bg", "card"}
"""Grid, empty tracks, bands and holes: nothing is told by them alone."""


def sheets():
    folder = resources.files("forgetscope.report")
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".css")
    }


def used(*properties):
    """The colours that these properties are given in any style sheet."""
    pattern = rf"(?<![\w-])(?:{'|'.join(properties)}):var\(--([\w-]+)"
    return {name for text in sheets().values() for name in re.findall(pattern, text)}


def values(name, theme):
    """The values of a colour by name; those of a placeholder are many."""
    if name == "tone":
        return [getattr(TOKENS[tone], theme) for tone in TONES]
    if name == "run":
        runs = [TOKENS["ink"], TOKENS["ink3"], *RUNS.values()]
        return [getattr(run, theme) for run in runs]
    return [getattr((TOKENS | RUNS)[name], theme)]


def test_the_style_sheets_use_known_colours_only():
    known = set(TOKENS) | set(RUNS) | {"tone", "tone-bg", "run", "sans", "mono"}
    named = {name for text in sheets().values() for name in re.findall(r"var\(--([\w-]+)", text)}
    assert named <= known


def test_no_style_sheet_has_a_colour_of_its_own():
    for name, text in sheets().items():
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text)) - {"#fff"}
        assert not found, name  # white is the paper of print


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", sorted(used("color") - {"bg"}))
def test_text_can_be_read_on_page_and_card(ink, theme):
    for paper in PAPERS:
        for value in values(ink, theme):
            assert contrast(value, getattr(TOKENS[paper], theme)) >= 4.5


@pytest.mark.parametrize("ink", sorted(used("color") - {"tone", "run"}))
def test_every_colour_of_text_is_among_the_pairs_that_are_checked(ink):
    assert any(pair[0] == ink for pair in TEXT_PAIRS)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", sorted(used("fill", "stroke") - DECORATION))
def test_marks_stand_out_from_the_card(mark, theme):
    for value in values(mark, theme):
        assert contrast(value, getattr(TOKENS["card"], theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", TONES)
def test_marks_and_the_margin_stand_out_from_the_band_of_noise(tone, theme):
    band = getattr(TOKENS["noise"], theme)
    assert contrast(getattr(TOKENS[tone], theme), band) >= 3
