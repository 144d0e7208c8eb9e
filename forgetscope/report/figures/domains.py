"""The domains as pictures: forest, heat table, and items that changed sides."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from forgetscope.report.chart import ForestRow, Scale
from forgetscope.report.figures.canvas import bare, canvas, ink
from forgetscope.report.heat import HeatCell, HeatRow, HeatTable
from forgetscope.report.ledger import Ledger
from forgetscope.report.theme import HEAT, heat_ink
from forgetscope.report.view import ReportView

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["forest", "heat", "transitions"]

_ROW_INCHES = 0.32
_REASON_LETTERS = 58


def forest(view: ReportView) -> Figure:
    """Return the change of every domain with its interval, zero and margin."""
    ledger = _ledger_of(view)
    rows = ledger.rows
    figure, axes = canvas(view.headline, height=1.1 + _ROW_INCHES * len(rows), width=9.2)
    for place, row in enumerate(rows):
        _forest_row(axes, row, place, ledger.scale)
    scale = ledger.scale
    axes.axvline(0, color=ink("line2"), linewidth=1.2, zorder=1)
    axes.set_xticks([tick.value for tick in scale.ticks], [tick.text for tick in scale.ticks])
    axes.set_xlim(scale.low, scale.high)
    _domain_axis(axes, [f"{row.label}  {row.n}" for row in rows])
    axes.set_xlabel(f"change from {view.base} to {ledger.checkpoint}, points; {scale.margin_text}")
    axes.grid(axis="x", color=ink("line"), linewidth=0.8, zorder=0)
    return figure


def heat(view: ReportView) -> Figure:
    """Return the change of every domain at every checkpoint."""
    if view.heat is None:
        raise ValueError("a heat picture needs two or more checkpoints beyond the base")
    table = view.heat
    rows = _heat_rows(table)
    width = max(7.2, 2.4 + 0.72 * len(table.columns))
    figure, axes = canvas(table.finding, height=1.1 + _ROW_INCHES * len(rows), width=width)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row.cells):
            _heat_cell(axes, cell, column, place)
    axes.set_xlim(-0.5, len(table.columns) - 0.5)
    axes.set_xticks(
        range(len(table.columns)), [name.removeprefix("step ") for name in table.columns]
    )
    _domain_axis(axes, [row.label for row in rows])
    about = f"change against {view.base} in points; colour only where zero is excluded"
    axes.set_xlabel("\n".join([about, *textwrap.wrap(table.note, int(13 * width))]))
    return figure


def transitions(view: ReportView) -> Figure:
    """Return how many items each domain lost and gained, as shares of its items."""
    ledger = _ledger_of(view)
    rows = [row for row in ledger.rows if row.is_drawn]
    figure, axes = canvas(view.turnover, height=1.1 + _ROW_INCHES * len(rows))
    for place, row in enumerate(rows):
        _transition(axes, row, place)
    axes.axvline(0, color=ink("line2"), linewidth=1.2, zorder=3)
    reach = 165 * (ledger.widest_share or 0.01)
    axes.set_xlim(-reach, reach)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{abs(value):g} %")
    _domain_axis(axes, [f"{row.label}  {row.n}" for row in rows])
    about = "share of the domain's items that changed sides"
    expected = "\nupright: expected from asking the base again" if ledger.has_expected else ""
    axes.set_xlabel(about + expected)
    return figure


def _transition(axes: Axes, row: ForestRow, place: int) -> None:
    lost, gained = 100 * row.lost_share, 100 * row.gained_share
    axes.barh(place, -lost, height=0.5, color=ink("bar-lost"), zorder=2)
    axes.barh(place, gained, height=0.5, color=ink("bar-gained"), zorder=2)
    expected = 0.0 if math.isnan(row.expected_share) else 100 * row.expected_share
    if expected:
        ends = [-expected, expected]
        axes.plot(ends, [place] * 2, "|", color=ink("ink"), markersize=11, zorder=4)
    _beside(axes, -max(lost, expected), place, f"{row.lost:,} lost ", "right")
    _beside(axes, max(gained, expected), place, f" {row.gained:,} gained", "left")


def _forest_row(axes: Axes, row: ForestRow, place: int, scale: Scale) -> None:
    if not row.is_drawn:
        reason = textwrap.shorten(row.words, _REASON_LETTERS, placeholder=" …")
        paper = {"facecolor": ink("card"), "edgecolor": "none", "pad": 1.5}
        where = (scale.low, place, f" {reason}")
        axes.text(*where, fontsize=8, color=ink("ink3"), va="center", bbox=paper, zorder=5)
    else:
        _behind(axes, row, place, scale)
        colour = ink(row.mark.tone)
        low, high = (min(max(v, scale.low), scale.high) for v in (row.low_points, row.high_points))
        axes.plot([low, high], [place, place], color=colour, linewidth=1.8, zorder=3)
        for end, value, beyond in ((low, row.low_points, "<"), (high, row.high_points, ">")):
            is_turned = (value > scale.high) if beyond == "<" else (value < scale.low)
            if not is_turned:
                marker = "|" if end == value else beyond
                axes.plot([end], [place], marker, color=colour, ms=6, zorder=3, clip_on=False)
        if scale.low <= row.change_points <= scale.high:
            face = colour if row.mark.is_filled else ink("card")
            axes.plot(
                [row.change_points],
                [place],
                marker="o",
                markersize=6.5,
                markerfacecolor=face,
                markeredgecolor=colour,
                markeredgewidth=1.6,
                zorder=4,
            )
    chips = "".join(f"  {chip.glyph} {chip.word}" for chip in row.chips)
    words = f"{row.mark.glyph} {row.mark.word}{chips}"
    numbers = f"{row.change} {row.interval}" if row.is_drawn else ""
    _right_of(axes, place, numbers, offset=10, colour=ink("ink2"))
    _right_of(axes, place, words, offset=116, colour=ink(row.mark.tone))


def _behind(axes: Axes, row: ForestRow, place: int, scale: Scale) -> None:
    """Draw the margin of a row, and the band that noise alone fills where that is known."""
    is_own = not math.isnan(row.margin_points)
    at = row.margin_points if is_own else scale.margin
    ends = [place - 0.5, place + 0.5]
    axes.plot([at, at], ends, color=ink("loss"), linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    if not math.isnan(row.noise_points):
        reach = min(row.noise_points, -scale.low, scale.high)
        axes.barh(place, 2 * reach, left=-reach, height=1, color=ink("noise"), zorder=0.5)


def _right_of(axes: Axes, place: int, text: str, *, offset: float, colour: str) -> None:
    """Write right of the axes at a row, `offset` printer's points away from their edge."""
    axes.annotate(
        text,
        (1, place),
        xycoords=axes.get_yaxis_transform(),
        xytext=(offset, 0),
        textcoords="offset points",
        fontsize=8,
        va="center",
        color=colour,
    )


def _heat_cell(axes: Axes, cell: HeatCell, column: int, place: int) -> None:
    axes.barh(place, 0.96, left=column - 0.48, height=0.9, color=HEAT[cell.bin].light, linewidth=0)
    text = f"{cell.glyph} {cell.text}".strip()
    colour = heat_ink(cell.bin).light
    axes.text(column, place, text, ha="center", va="center", fontsize=8, color=colour)


def _heat_rows(table: HeatTable) -> tuple[HeatRow, ...]:
    return (table.overall, *(row for group in table.groups for row in group))


def _beside(axes: Axes, x: float, place: int, text: str, side: str) -> None:
    axes.text(x, place, text, ha=side, va="center", fontsize=8, color=ink("ink2"))


def _domain_axis(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    bare(axes)


def _ledger_of(view: ReportView) -> Ledger:
    if view.ledger is None:
        raise ValueError("this picture needs a checkpoint beyond the base")
    return view.ledger
