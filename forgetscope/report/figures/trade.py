"""Gain against cost, and before against after, as pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from forgetscope.report.dumbbell import Dumbbell, DumbbellRow
from forgetscope.report.figures.canvas import bare, brief, canvas, ink
from forgetscope.report.labels import Box, Wish, boxes_along, named, place
from forgetscope.report.runs import Run
from forgetscope.report.trade import TradeOff, TradePath

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["dumbbell", "tradeoff"]

_MARKERS = {
    "circle": "o",
    "ring": "o",
    "diamond": "D",
    "square": "s",
    "triangle": "^",
    "wedge": "v",
}
_SIZES = {"circle": 1.0, "ring": 1.0, "diamond": 0.88, "square": 0.92}
"""Equal sizes look unequal: a diamond of the same width seems larger than a circle."""

_PLANE = (500.0, 330.0)
"""About the size of the trade-off's plane in printer's points, for the place of names."""


def tradeoff(trade: TradeOff) -> Figure:
    """Return gain upwards, change of the general domains to the right, a path per method."""
    figure, axes = canvas(trade.finding, width=7.6, height=5.6)
    axes.axvspan(trade.margin, trade.general.high, color=ink("gain-bg"), alpha=0.6, zorder=0)
    axes.axvline(trade.margin, color=ink("loss"), linewidth=1, linestyle=(0, (3, 3)), zorder=1.7)
    axes.axvline(0, color=ink("line2"), linewidth=1.2, zorder=1.6)
    axes.axhline(0, color=ink("line2"), linewidth=1.2, zorder=1.6)
    axes.annotate(
        trade.margin_text,
        (trade.margin, 0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(4, 5),
        textcoords="offset points",
        fontsize=8,
        color=ink("loss"),
    )
    for path in reversed(trade.paths):
        _path(axes, path)
    axes.plot([0], [0], "o", color=ink("ink3"), markersize=6, zorder=5)
    _names(axes, trade)
    axes.set_xticks([t.value for t in trade.general.ticks], [t.text for t in trade.general.ticks])
    axes.set_yticks([t.value for t in trade.gain.ticks], [t.text for t in trade.gain.ticks])
    axes.set_xlim(trade.general.low, trade.general.high)
    axes.set_ylim(trade.gain.low, trade.gain.high)
    axes.set_xlabel(trade.general.title)
    axes.set_ylabel(brief(trade.gain.title, 60), fontsize=8.5, color=ink("ink2"))
    axes.grid(color=ink("line"), linewidth=0.8, zorder=0)
    bare(axes)
    return figure


def dumbbell(bell: Dumbbell) -> Figure:
    """Return the ends of every domain with the line between them."""
    height = 1.5 + 0.32 * len(bell.rows)
    figure, axes = canvas(bell.finding, width=7.2 + 0.9 * len(bell.columns), height=height)
    for row_place, row in enumerate(bell.rows):
        _bell(axes, row, row_place, edge=bell.axis.high)
    if bell.is_change:
        axes.axvline(0, color=ink("line2"), linewidth=1.2, zorder=1.6)
        axes.axvline(bell.margin, color=ink("loss"), linewidth=1, linestyle=(0, (3, 3)), zorder=1.7)
    for run in bell.runs:
        axes.plot([], [], label=brief(run.name), linestyle="", **_look(run, is_filled=True))
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.7 / height),
        ncols=len(bell.runs),
        frameon=False,
        fontsize=8.5,
        handletextpad=0.2,
    )
    for column, name in enumerate(bell.columns):
        _aside(axes, -0.75, brief(name, 18), column=column, colour=ink("ink3"))
    ticks = bell.axis.ticks
    axes.set_xticks([tick.value for tick in ticks], [tick.text for tick in ticks])
    axes.set_xlim(bell.axis.low, bell.axis.high)
    axes.set_yticks(range(len(bell.rows)), [f"{brief(row.label)}  {row.n}" for row in bell.rows])
    axes.set_ylim(len(bell.rows) - 0.5, -0.5)
    axes.set_xlabel("; ".join(text for text in (bell.axis.title, bell.margin_text) if text))
    axes.grid(axis="x", color=ink("line"), linewidth=0.8, zorder=0)
    bare(axes)
    return figure


def _path(axes: Axes, path: TradePath) -> None:
    colour = ink(path.run.tone)
    last = path.marks[-1]
    x = [0.0, *(mark.general for mark in path.marks)]
    y = [0.0, *(mark.gain for mark in path.marks)]
    axes.plot(x, y, color=colour, linewidth=1.4, zorder=3)
    for mark in path.marks[:-1]:
        axes.plot([mark.general], [mark.gain], zorder=4, **_look(path.run, size=4.6))
    if not math.isnan(path.general_low + path.general_high):
        ends = [path.general_low, path.general_high]
        axes.plot(ends, [last.gain] * 2, color=colour, linewidth=1.2, alpha=0.55, zorder=2)
    if not math.isnan(path.gain_low + path.gain_high):
        ends = [path.gain_low, path.gain_high]
        axes.plot([last.general] * 2, ends, color=colour, linewidth=1.2, alpha=0.55, zorder=2)
    axes.plot([last.general], [last.gain], zorder=5, **_look(path.run, is_filled=True))


def _look(run: Run, *, size: float = 7.5, is_filled: bool = False) -> dict[str, Any]:
    is_hollow = not is_filled or run.shape == "ring"
    return {
        "marker": _MARKERS[run.shape],
        "markersize": size * _SIZES.get(run.shape, 1.1),
        "markeredgecolor": ink(run.tone),
        "markerfacecolor": ink("card") if is_hollow else ink(run.tone),
        "markeredgewidth": 1.4,
    }


def _names(axes: Axes, trade: TradeOff) -> None:
    """Write the names beside the marks, as many as find room."""
    width, height = _PLANE

    def at(general: float, gain: float) -> tuple[float, float]:
        return width * trade.general.part(general), height * (1 - trade.gain.part(gain))

    margin, origin = at(trade.margin, 0)[0], at(0, 0)
    wishes = [Wish(*origin, trade.base, ink("ink3"), is_needed=True)]
    taken = [Box(x - 2, 0, x + 2, height) for x in (margin, origin[0])]
    taken.append(Box(0, origin[1] - 2, width, origin[1] + 2))
    for path in trade.paths:
        points = [origin, *(at(mark.general, mark.gain) for mark in path.marks)]
        low, high = at(path.general_low, path.gain_low), at(path.general_high, path.gain_high)
        (x, y), colour = points[-1], ink(path.run.tone)
        taken += boxes_along(points)
        taken += [Box(low[0], y - 2, high[0], y + 2), Box(x - 2, high[1], x + 2, low[1])]
        taken += [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
        wishes.append(Wish(x, y, brief(path.label), colour, is_needed=True, is_bold=True))
        wishes += [
            Wish(*points[k + 1], path.marks[k].label, kind=colour)
            for k in named(len(path.marks) - 1)
        ]
    for spot in place(wishes, paper=Box(0, 0, width, height), taken=taken):
        wish = spot.wish
        axes.annotate(
            wish.text,
            (wish.x / width, 1 - wish.y / height),
            xycoords="axes fraction",
            xytext=(spot.x - wish.x, wish.y - spot.y),
            textcoords="offset points",
            ha={"start": "left", "middle": "center", "end": "right"}[spot.anchor],
            va="center",
            fontsize=8.5 if wish.is_bold else 7.5,
            fontweight="bold" if wish.is_bold else "normal",
            color=wish.kind,
            zorder=6,
        )


def _bell(axes: Axes, row: DumbbellRow, row_place: int, *, edge: float) -> None:
    values = [min(end.value, edge) for end in row.ends]
    if len(values) > 1:
        ends = [min(values), max(values)]
        axes.plot(ends, [row_place] * 2, color=ink("line2"), linewidth=2.5, zorder=2)
    for end in reversed(row.ends):
        look = _look(end.run, is_filled=True)
        if end.value > edge:  # an arrow: the mark lies beyond
            look |= {"marker": ">", "clip_on": False}
        axes.plot([min(end.value, edge)], [row_place], zorder=3, **look)
    for column, entry in enumerate(row.entries):
        _aside(axes, row_place, f"{entry.text} {entry.note}".strip(), column=column)


def _aside(axes: Axes, row_place: float, text: str, *, column: int, colour: str = "") -> None:
    """Write right of the chart, in one of the columns there."""
    axes.annotate(
        text,
        (1, row_place),
        xycoords=axes.get_yaxis_transform(),
        xytext=(12 + 96 * column, 0),
        textcoords="offset points",
        fontsize=8,
        va="center",
        color=colour or ink("ink2"),
        annotation_clip=False,
    )
