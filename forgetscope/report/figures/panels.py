"""Small panels as pictures: objectives of a run, domains of a blend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forgetscope.report.blend_panels import BlendPanel
from forgetscope.report.blending import Blending
from forgetscope.report.curve import Point
from forgetscope.report.figures.canvas import ACROSS, brief, ink, paper, scales
from forgetscope.report.weights import Curve, TracePanel, Weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["blend", "weights"]


def weights(run: Weights) -> Figure:
    """Return every objective: its weight, and below it its reward or loss."""
    across = min(ACROSS, len(run.panels))
    lines = list(_lines(run.panels, across))
    down = sum(line.n_strips for line in lines)
    figure = paper(run.finding, width=max(5.2, 2.4 * across), height=0.9 + 1.3 * down)
    cells = figure.add_gridspec(down, across)
    row = 0
    for line in lines:
        for column, panel in enumerate(line.panels):
            strips = range(row, row + line.n_strips)
            _objective([figure.add_subplot(cells[k, column]) for k in strips], panel, run=run)
        row += line.n_strips
    figure.supxlabel(f"step; {brief(run.about, 90)}", fontsize=8.5, color=ink("ink2"))
    return figure


def blend(search: Blending) -> Figure:
    """Return the change of every domain along the line from base to tuned weights."""
    across = min(ACROSS, len(search.panels))
    down = math.ceil(len(search.panels) / across)
    figure = paper(search.finding, width=max(5.2, 2.4 * across), height=1.2 + 1.9 * down)
    cells = figure.add_gridspec(down, across)
    for place, panel in enumerate(search.panels):
        _domain(figure.add_subplot(cells[divmod(place, across)]), panel, search=search)
    key = [search.share.title, "hollow: not allowed", f"dashed: {search.margin_text} points"]
    key += [f"upright: {search.chosen_text}"] if search.chosen_text else []
    figure.supxlabel("; ".join(key), fontsize=8.5, color=ink("ink2"))
    return figure


@dataclass(frozen=True, slots=True)
class _Line:
    """Panels that stand beside each other, each with as many strips."""

    panels: Sequence[TracePanel]
    n_strips: int


def _lines(panels: Sequence[TracePanel], across: int) -> Iterator[_Line]:
    for n_strips in (2, 1):
        those = [panel for panel in panels if max(1, len(_curves(panel))) == n_strips]
        for first in range(0, len(those), across):
            yield _Line(those[first : first + across], n_strips)


def _curves(panel: TracePanel) -> list[Curve]:
    return [curve for curve in (panel.weight, panel.value) if curve]


def _objective(strips: list[Axes], panel: TracePanel, *, run: Weights) -> None:
    curves = _curves(panel)
    for axes, curve in zip(strips, curves, strict=False):
        if curve is panel.weight:
            axes.axhspan(*run.near, color=ink("noise"), linewidth=0, zorder=0)
        _curve(axes, curve)
        scales(axes, run.steps, curve.axis, is_lowest=curve is curves[-1])
        axes.set_title(curve.title, loc="left", fontsize=7.5, color=ink("ink2"), pad=3)
        axes.set_title(
            curve.text, loc="right", fontsize=8, fontweight="bold", color=ink("ink"), pad=3
        )
    for axes in strips[len(curves) :]:
        axes.set_axis_off()
    strips[0].annotate(
        brief(panel.label),
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
    axes.axhline(0, color=ink("line2"), linewidth=1, zorder=1.6)
    if not panel.is_target:
        dashes = (0, (3, 3))
        axes.axhline(search.margin, color=ink("loss"), linewidth=1, linestyle=dashes, zorder=1.7)
    if not math.isnan(search.chosen):
        axes.axvline(search.chosen, color=ink("gain"), linewidth=1.4, zorder=1.6)
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
    label = f"{brief(panel.label)} (target)" if panel.is_target else brief(panel.label)
    axes.set_title(label, loc="left", fontsize=8.5, fontweight="bold", color=ink("ink"), pad=3)
    scales(axes, search.share, panel.change, is_lowest=True)
