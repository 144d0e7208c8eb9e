"""The page tells every finding, to readers without scripts or sight too."""

import re

import pytest

from forgetscope.report.html import render_html
from tests.report.test_html import Page, example, full


def test_findings_have_their_sections_and_links_in_the_order_of_the_page():
    found = Page(render_html(full()))
    ids = [attributes.get("id") for tag, attributes in found.tags if tag == "section"]
    assert ids == [
        *("verdict", "domains", "when", "paths", "why", "guessing", "calibration", "noise"),
        *("trust", "method"),
    ]
    links = [attributes["href"] for tag, attributes in found.tags if tag == "a"]
    assert [link for link in links if link in {f"#{name}" for name in ids}][1:] == [
        f"#{name}" for name in ids
    ]


@pytest.mark.parametrize(
    "words",
    [
        "31 of 38 lost answers are format",
        "20 hit the token limit",
        "−8.5 [−10.5, −6.5]",
        "[3.5, 6.5]",
        "3.1 to 8.7",
        "at least 3.1 measured: 5.2 from step 10",
        "6.1 biased upwards",
        "p < 0.001",
        "0.041 → 0.093 biased upwards",
        "own margin: 5.0 points",
        "each task weighs the same",
        "3 items have a score on one side only",
        "≠ SHIFTED",
        "¶ FORMAT",
        "draws with seed 7",
    ],
)
def test_a_reader_without_scripts_sees_every_finding(words):
    assert words in Page(render_html(full())).text


def test_bars_of_lost_answers_have_their_numbers_as_name():
    labels = [
        attributes.get("aria-label", "")
        for tag, attributes in Page(render_html(full())).tags
        if tag == "svg"
    ]
    assert any(label.startswith("Instruction following: 20 hit the") for label in labels)


def test_every_table_has_as_many_cells_as_columns():
    text = render_html(full())
    tables = re.findall('<table class="entries">(.*?)</table>', text, flags=re.DOTALL)
    assert len(tables) == 9
    for table in tables:
        rows = re.findall("<tr>(.*?)</tr>", table, flags=re.DOTALL)
        assert len({len(re.findall("<t[hd]", row)) for row in rows}) == 1


def test_the_noise_is_explained_only_where_it_is_drawn():
    assert "what reruns or single steps move" in Page(render_html(full())).text
    assert "what reruns or single steps move" not in Page(render_html(example())).text
