"""The page tells of training and blending, to readers without scripts or sight too."""

import re

import pytest

from forgetscope.report import ReportView, svg_marks
from forgetscope.report.html import render_html
from forgetscope.report.runs import SHAPES, Run
from forgetscope.report.svg_panels import trace_plot
from forgetscope.report.svg_trade import dumbbell_mark, trade_plot
from tests.report import made
from tests.report.behind_training import blend, rival, trace, training, view
from tests.report.test_html import Page, example


@pytest.fixture(scope="module")
def page():
    return Page(render_html(view()))


def test_the_sections_follow_the_heat_table_with_their_links(page):
    ids = [attributes.get("id") for tag, attributes in page.tags if tag == "section"]
    assert ids == [
        *("verdict", "domains", "when", "paths"),
        *("trade", "weights", "blend", "trust", "method"),
    ]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert [link for link in links if link.startswith("#")][1:] == [f"#{name}" for name in ids]


@pytest.mark.parametrize(
    ("known", "ids"),
    [
        ({"blend": None}, {"trade", "weights"}),
        ({"training": None}, {"blend"}),
        ({"training": training(traces=()), "blend": None}, {"trade"}),
        ({"training": None, "blend": None}, set()),
    ],
)
def test_a_section_without_data_is_left_out_with_its_link(known, ids):
    found = Page(render_html(view(**known)))
    sections = {attributes.get("id") for tag, attributes in found.tags if tag == "section"}
    links = {attributes["href"] for tag, attributes in found.tags if tag == "a"}
    assert sections & {"trade", "weights", "blend"} == ids
    assert {f"#{name}" for name in ("trade", "weights", "blend")} & links == {f"#{i}" for i in ids}


def test_without_a_target_the_domains_are_told_all_the_same():
    steps = [made.comparison(domains=[made.cell()])]
    found = Page(render_html(ReportView.of(made.diagnosis(*steps), training=training(rivals=()))))
    assert "Before and after, domain by domain" in found.text
    assert "What the gain cost" not in found.text


@pytest.mark.parametrize(
    "words",
    [
        "Math +10.3 at −2.0 in general domains with RECAP; +15.0 at −5.0 with GRPO.",
        "How far two runs of one method lie apart is not in the intervals.",
        "+15.0 [+13.0, +17.0]",
        "General domains FORGOT, of 5: RECAP 1, GRPO 2",
        "−12.0 [−13.0, −11.0]",
        "Weights ranged from 0.62 (Math: accuracy) to 1.38 (Logic: replay).",
        "RECAP, rule code, 2,000 steps, 14 min of training, seed 3.",
        "an objective counts much as under uniform replay",
        "held-out loss",
        "A blend of 50 % tuned weights: Math +6.6",
        "✓ chosen",
        "✕ not allowed `logic` is FORGOT; stopped early",
        "The verdict, from items the search never saw",
        "−5.2 [−6.2, −4.2] ▼ FORGOT",
    ],
)
def test_a_reader_without_scripts_sees_every_finding(page, words):
    assert words in page.text


def test_every_chart_has_its_numbers_as_name(page):
    names = [attributes.get("aria-label", "") for tag, attributes in page.tags if tag == "svg"]
    for start in (
        "Math +10.3 at −2.0 in general domains with RECAP; +15.0 at −5.0 with GRPO. RECAP, step",
        "Instruction following: RECAP −9.0 [−11.0, −7.0], GRPO −12.0",
        "Math: accuracy: weight 0.62 at the end, between 0.62 and 1.000, mean reward from 0.100",
        "Logic: probe: held-out loss from 0.100 to 0.500",
        "Logic, 0 %: the base; Logic, 25 %: HELD, −0.2 [−1.2, +0.8], allowed",
    ):
        assert any(name.startswith(start) for name in names), start


def test_scrolling_regions_have_names_of_their_own(page):
    names = [a["aria-label"] for _, a in page.tags if a.get("role") == "region"]
    assert len(names) == len(set(names))
    assert all("tabindex" in a for _, a in page.tags if a.get("role") == "region")


def test_every_table_has_as_many_cells_as_columns():
    text = render_html(view())
    tables = re.findall(r'<table class="entries[^"]*">(.*?)</table>', text, flags=re.DOTALL)
    assert len(tables) == 4
    for table in tables:
        rows = re.findall("<tr>(.*?)</tr>", table, flags=re.DOTALL)
        widths = {
            len(re.findall("<t[hd]", row)) + len(re.findall('colspan="2"', row)) for row in rows
        }
        assert len(widths) == 1


def test_a_page_without_training_carries_none_of_its_style():
    assert "run-of" not in render_html(example())
    assert "run-of-run-b" in render_html(view())


def test_twelve_objectives_over_many_steps_fit_a_small_page():
    n = 2000
    weights = [1 + 0.3 * ((7 * place) % 11 - 5) / 5 for place in range(n)]
    traces = [trace(f"d{k}/replay", n=n, weights=weights) for k in range(12)]
    found = view(training=training(traces=traces, rivals=[rival()] * 3))
    assert len(render_html(found).encode()) < 250_000


def test_a_path_runs_from_the_base_through_every_checkpoint():
    text = trade_plot(view().trained.trade, width=600, height=400)
    paths = re.findall(r'<path class="path run-of-([a-z-]+)" d="M([^"]+)"', text)
    # the series of the page is drawn last, on top
    assert [name for name, _ in paths] == ["run-b", "ink"]
    places = [steps.split("L") for _, steps in paths]
    assert [len(steps) for steps in places] == [3, 3]
    assert places[0][0] == places[1][0]
    assert text.count('class="mark hollow') == 2
    assert "<title>GRPO, step 10: Math +8.0" in text


def test_names_in_the_plot_are_those_of_the_last_marks():
    text = trade_plot(view().trained.trade, width=600, height=400)
    names = re.findall(r'<text class="run-name[^>]*>([^<]+)<', text)
    assert sorted(names) == ["GRPO · 20", "RECAP · 2,000"]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_its_own_mark(shape):
    run = Run(name="x", shape=shape, tone="ink")
    marks = {
        svg_marks.run_mark(Run(name="x", shape=s, tone="ink"), 0, 0, radius=5, is_filled=True)
        for s in SHAPES
    }
    assert len(marks) == len(SHAPES)
    hollow = svg_marks.run_mark(run, 0, 0, radius=5, is_filled=False)
    assert 'class="mark hollow run-of-ink"' in hollow


def test_a_dumbbell_has_a_mark_for_each_end_and_a_line_between():
    bell = view().trained.dumbbell
    first, second = bell.rows[0], bell.rows[1]
    assert dumbbell_mark(first, bell=bell).count('class="mark') == 2
    assert 'class="bell"' in dumbbell_mark(first, bell=bell)
    assert dumbbell_mark(second, bell=bell).count('class="mark') == 1
    assert 'class="bell"' not in dumbbell_mark(second, bell=bell)


def test_a_break_in_a_curve_is_a_break_in_the_drawing():
    gap = trace(steps=(1, 2, 3, 9), weights=(0.5, 0.6, 0.7, 1.5))
    section = view(training=training(traces=[gap])).trained.weights
    text = trace_plot(section.panels[0], of=section)
    curves = re.findall(r'<path class="curve" d="([^"]+)"', text)
    assert [curve.count("L") for curve in curves] == [2, 0, 2, 0]
    assert curves[1].endswith("h0")


def test_a_blend_that_was_not_allowed_is_hollow_and_the_choice_is_named():
    text = render_html(view())
    panels = text[text.index('id="blend"') :]
    assert panels.count('class="blend-dot refused"') == 2
    assert panels.count(">chosen 50 %<") == 2
    none = render_html(view(blend=blend(chosen=None, final=())))
    assert "chosen-line" not in none[none.index('id="blend"') :]


def test_equal_input_gives_an_equal_page():
    assert render_html(view()) == render_html(view())
