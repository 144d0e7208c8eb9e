"""Page and pictures draw the same chart model: no field of it is drawn by one and lost by both."""

import inspect
from dataclasses import is_dataclass

import pytest

from forgetscope.report import (
    ReportView,
    axis,
    blend_panels,
    blending,
    chart,
    curve,
    dumbbell,
    heat,
    ledger,
    reliability,
    runs,
    scores,
    trade,
    trained,
    trajectory,
    weights,
    wording,
)
from forgetscope.report.figures import figures
from forgetscope.report.html import render_html
from tests.report import behind, behind_training, made
from tests.report.watching import fields_of, watched

MODULES = (
    *(axis, blend_panels, blending, chart, curve, dumbbell, heat, ledger, reliability, runs),
    *(scores, trade, trained, trajectory, weights, wording),
)

FOR_OTHERS = {
    # the terminal has no glyphs everywhere; files have p-values and slugs
    *(("Mark", "ascii"), ("Chip", "ascii")),
    *(("ForestRow", name) for name in ("name", "p_value", "role", "is_held_alone")),
    # of the base alone, drawn where there is nothing to compare
    *(("ForestRow", name) for name in ("before_share", "chance", "chance_share")),
    # what a summary was put together from
    *(("BlendDot", "hint"), ("Blending", "before")),
}
"""Read by other backends, or by other pages and pictures than those of a series."""

WORDS_OF_THE_PAGE = {
    # what a picture is called for those who do not see it
    *((name, "summary") for name in ("ForestRow", "BlendPanel", "DumbbellRow", "PathPanel")),
    *((name, "summary") for name in ("ReliabilityPanel", "TracePanel", "TradeOff")),
    *(("HeatCell", "hint"), ("TradeMark", "hint"), ("Mark", "meaning"), ("Chip", "meaning")),
    # tables and sentences beside a chart
    *((name, "table") for name in ("Reliability", "TradeOff", "Weights")),
    *(("TradeOff", "note"), ("TradeOff", "runs"), ("TradeOff", "target"), ("Weights", "notes")),
    *(("Blending", name) for name in ("after", "final", "lede", "points")),
    *(("FinalRow", name) for name in ("after", "after_mark", "chosen", "chosen_mark")),
    *(("FinalRow", "label"), ("FinalRow", "n"), ("Dumbbell", "caption"), ("Group", "title")),
    # columns and rows of the domain table that would crowd a picture
    *(("ForestRow", name) for name in ("before", "after", "remarks", "tasks")),
    ("DumbbellRow", "is_target"),
}
"""What the page says in words, and a picture has no room for."""

PICTURE_ALONE = fields_of(scores.Scores, scores.ScoreRow)
"""The page has these numbers in the domain table."""


def records():
    """Every record of the chart model."""
    return [
        found
        for module in MODULES
        for name, found in vars(module).items()
        if inspect.isclass(found) and is_dataclass(found) and found.__module__ == module.__name__
        if not name.startswith("_")
    ]


@pytest.fixture(scope="module")
def view():
    return ReportView.of(
        behind.full(),
        checkpoints=made.SERIES,
        training=behind_training.training(),
        blend=behind_training.blend(),
    )


def test_the_page_reads_every_field_of_the_chart_model(view):
    seen = set()
    render_html(watched(view, seen))
    assert fields_of(*records()) - seen == FOR_OTHERS | PICTURE_ALONE


def test_the_pictures_read_every_field_that_is_drawn(view):
    seen = set()
    dict(figures(watched(view, seen)))
    assert fields_of(*records()) - seen == FOR_OTHERS | WORDS_OF_THE_PAGE


def test_a_backend_that_looked_away_would_be_found_out(view):
    seen = set()
    row = watched(view, seen).ledger.rows[0]
    assert ("ForestRow", "change") not in seen
    assert row.change
    assert seen >= {("ForestRow", "change"), ("Ledger", "groups"), ("Group", "rows")}
    assert ("ForestRow", "interval") not in seen
