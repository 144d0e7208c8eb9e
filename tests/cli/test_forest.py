"""The forest of a terminal stands where the numbers say."""

from dataclasses import replace

import pytest

from forgetscope.cli.forest import N_CELLS, forest_cell, forest_head
from forgetscope.records import Verdict
from forgetscope.report.chart import Scale, Tick, forest_row
from tests.report.made import cell

SCALE = Scale(
    low=-10.0,
    high=10.0,
    ticks=(Tick(value=-10.0, text="−10"), Tick(value=0.0, text="0"), Tick(value=10.0, text="+10")),
    margin=-2.0,
    margin_text="margin −2.0",
)
"""One cell for each point."""


def _line(low, change, high, verdict=Verdict.HELD, **others):
    row = forest_row(cell(verdict=verdict, change=change / 100), label="Logic")
    return forest_cell(
        replace(row, change_points=change, low_points=low, high_points=high, **others),
        SCALE,
        use_ascii=False,
    ).plain


def test_each_sign_stands_in_the_cell_of_its_number():
    line = _line(-7.0, -5.0, -4.0, Verdict.FORGOT)
    assert len(line) == N_CELLS
    assert {place: sign for place, sign in enumerate(line) if sign != " "} == {
        3: "─",
        4: "─",
        5: "●",
        6: "─",
        8: "┊",
        10: "│",
    }


def test_the_dot_is_hollow_where_nothing_is_settled():
    assert "○" in _line(-1.0, 0.0, 1.0, Verdict.UNDECIDED)
    assert "●" in _line(-1.0, 0.0, 1.0, Verdict.HELD)


@pytest.mark.parametrize(
    ("low", "change", "high", "starts", "ends"),
    [
        (-30, -9, -8, "◂", " "),
        (8, 9, 30, " ", "▸"),
        (40, 44, 50, " ", "▸"),
        (-50, -44, -40, "◂", " "),
    ],
)
def test_what_lies_beyond_the_scale_ends_in_an_arrow(low, change, high, starts, ends):
    line = _line(low, change, high)
    assert (line[0], line[-1]) == (starts, ends)


def test_a_row_shows_its_own_margin():
    assert _line(5.0, 6.0, 7.0, margin_points=-8.0).index("┊") == 2


def test_the_head_names_both_ends_and_zero():
    head = forest_head(SCALE, use_ascii=False).plain
    assert head.startswith("−10")
    assert head.endswith("+10")
    assert head[10] == "0"
    assert head[8] == "┊"


def test_names_of_the_head_never_cover_each_other():
    ticks = (Tick(value=-1.0, text="−1"), Tick(value=0.0, text="0"), Tick(value=20.0, text="+20"))
    scale = replace(SCALE, low=-1.0, high=20.0, ticks=ticks, margin=-0.5)
    head = forest_head(scale, use_ascii=True).plain
    assert head.endswith("+20")
    assert len(head) == N_CELLS
