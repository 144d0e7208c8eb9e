"""Small panels as pictures: objectives of a run, domains of a blend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from forgetscope.report.axis import Axis
from forgetscope.report.blending import Blending, BlendPanel
from forgetscope.report.curve import Point
from forgetscope.report.figures.canvas import bare, ink, paper
from forgetscope.report.weights import Curve, TracePanel, Weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["blend", "weights"]

_ACROSS = 4
"""Panels beside each other at most."""


def weights(run: Weights) -> Figure:
    """Return every objective: its weight, and below it its reward or loss."""
    across = min(_ACROSS, len(run.panels))
    down = math.ceil(len(run.panels) / across)
    width, height = max(5.2, 2.4 * across), 0.9 + 2.5 * down
    figure = paper(run.finding, width=width, height=height)
    cells = figure.add_gridspec(2 * down, across)
    for place, panel in enumerate(run.panels):
        row, column = divmod(place, across)
        _objective([figure.add_subplot(cells[2 * row + k, column]) for k in (0, 1)], panel, run=run)
    figure.supxlabel(f"step; {run.about}", fontsize=8.5, color=ink("ink2"))
    return figure


def blend(search: Blending) -> Figure:
    """Return the change of every domain along the line from base to tuned weights."""
    across = min(_ACROSS, len(search.panels))
    down = math.ceil(len(search.panels) / across)
    figure = paper(search.finding, width=max(5.2, 2.4 * across), height=1.2 + 1.9 * down)
    cells = figure.add_gridspec(down, across)
    for place, panel in enumerate(search.panels):
        _domain(figure.add_subplot(cells[divmod(place, across)]), panel, search=search)
    key = f"{search.share.title}; hollow: not allowed; dashed: {search.margin_text} points"
    figure.supxlabel(key, fontsize=8.5, color=ink("ink2"))
    return figure


def _objective(pair: list[Axes], panel: TracePanel, *, run: Weights) -> None:
    curves = [curve for curve in (panel.weight, panel.value) if curve]
    for axes, curve in zip(pair, curves, strict=False):
        if curve is panel.weight:
            axes.axhspan(*run.near, color=ink("noise"), linewidth=0, zorder=0)
        _curve(axes, curve)
        _scales(axes, run.steps, curve.axis, is_lowest=curve is curves[-1])
        axes.set_title(curve.title, loc="left", fontsize=7.5, color=ink("ink2"), pad=3)
        axes.set_title(
            curve.text, loc="right", fontsize=8, fontweight="bold", color=ink("ink"), pad=3
        )
    for axes in pair[len(curves) :]:
        axes.set_axis_off()
    pair[0].annotate(
        panel.label,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 17),
        textcoords="offset points",
        fontsize=8.5,
        fontweight="bold",
        color=ink("ink"),
    )


def _curve(axes: Axes, curve: Curve) -> None:
    _stroke(axes, curve.pieces, is_faint=bool(curve.means))
    _stroke(axes, curve.means)


def _stroke(axes: Axes, pieces: Sequence[Sequence[Point]], *, is_faint: bool = False) -> None:
    colour, width = (ink("line2"), 0.7) if is_faint else (ink("ink"), 1.4)
    for piece in pieces:
        x, y = [point.step for point in piece], [point.value for point in piece]
        # a piece of one point has no length, and is shown as a dot
        style = "." if len(piece) == 1 else "-"
        axes.plot(x, y, style, markersize=3, color=colour, linewidth=width)


def _domain(axes: Axes, panel: BlendPanel, *, search: Blending) -> None:
    axes.axhline(0, color=ink("line2"), linewidth=1, zorder=1)
    if not panel.is_target:
        dashes = (0, (3, 3))
        axes.axhline(search.margin, color=ink("loss"), linewidth=1, linestyle=dashes, zorder=1)
    if not math.isnan(search.chosen):
        axes.axvline(search.chosen, color=ink("gain"), linewidth=1.4, zorder=1)
        axes.set_title(search.chosen_text, loc="right", fontsize=7.5, color=ink("gain"), pad=3)
    for piece in panel.pieces:
        x = [dot.share for dot in piece]
        low, high = [dot.low for dot in piece], [dot.high for dot in piece]
        axes.fill_between(x, low, high, color=ink("held"), alpha=0.14, linewidth=0, zorder=2)
        axes.plot(x, [dot.change for dot in piece], color=ink("ink"), linewidth=1.4, zorder=3)
    for dot in (dot for piece in panel.pieces for dot in piece):
        face = ink("ink") if dot.is_allowed else ink("card")
        axes.plot(
            [dot.share],
            [dot.change],
            "o",
            markersize=4.5,
            markeredgecolor=ink("ink"),
            markerfacecolor=face,
            zorder=4,
        )
    label = f"{panel.label} (target)" if panel.is_target else panel.label
    axes.set_title(label, loc="left", fontsize=8.5, fontweight="bold", color=ink("ink"), pad=3)
    _scales(axes, search.share, panel.change, is_lowest=True)


def _scales(axes: Axes, across: Axis, up: Axis, *, is_lowest: bool) -> None:
    axes.set_xticks(
        [tick.value for tick in across.ticks],
        [tick.text if is_lowest else "" for tick in across.ticks],
    )
    axes.set_yticks([tick.value for tick in up.ticks], [tick.text for tick in up.ticks])
    room = 0.03 * (across.high - across.low)
    axes.set_xlim(across.low - room, across.high + room)
    axes.set_ylim(up.low, up.high)
    axes.grid(axis="y", color=ink("line"), linewidth=0.7, zorder=0)
    bare(axes)
    axes.tick_params(labelsize=7.5, labelcolor=ink("ink3"))
