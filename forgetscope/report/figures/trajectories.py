"""The path of every domain as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forgetscope.report.figures.canvas import ACROSS, brief, ink, paper, scales
from forgetscope.report.trajectory import PathPanel, Trajectories

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["paths"]


def paths(ways: Trajectories) -> Figure:
    """Return the change of every domain from checkpoint to checkpoint, with its interval."""
    across = min(ACROSS, len(ways.panels))
    down = math.ceil(len(ways.panels) / across)
    figure = paper(ways.finding, width=max(5.2, 2.5 * across), height=1.2 + 1.7 * down)
    cells = figure.add_gridspec(down, across)
    for place, panel in enumerate(ways.panels):
        _panel(figure.add_subplot(cells[divmod(place, across)]), panel, of=ways)
    figure.supxlabel(_key(ways), fontsize=8.5, color=ink("ink2"))
    return figure


def _key(ways: Trajectories) -> str:
    margin = f"dashed: {ways.margin_text} points"
    parts = [
        f"{ways.along.title}; upwards: {ways.panels[0].change.title}",
        f"{margin}, or that of the domain" if ways.has_own_margin else margin,
        "shade: interval over all domains and checkpoints together",
    ]
    parts += ["grey: noise"] if ways.has_noise else []
    return "; ".join(parts)


def _panel(axes: Axes, panel: PathPanel, *, of: Trajectories) -> None:
    colour = ink(panel.mark.tone)
    if not math.isnan(panel.noise):
        reach = min(panel.noise, max(-panel.change.low, panel.change.high))
        axes.axhspan(-reach, reach, color=ink("noise"), linewidth=0, zorder=0)
    axes.axhline(0, color=ink("line2"), linewidth=1, zorder=1.6)
    if not math.isnan(panel.margin):
        dashes = (0, (3, 3))
        axes.axhline(panel.margin, color=ink("loss"), linewidth=1, linestyle=dashes, zorder=1.7)
    for piece in panel.pieces:
        at = [dot.at for dot in piece]
        low, high = [dot.low for dot in piece], [dot.high for dot in piece]
        axes.fill_between(at, low, high, color=colour, alpha=0.14, linewidth=0, zorder=2)
        # a piece of one point has no length, and is shown as a dot
        style = "." if len(piece) == 1 else "-"
        changes = [dot.change for dot in piece]
        axes.plot(at, changes, style, markersize=3, color=colour, linewidth=1.5, zorder=3)
    _end(axes, panel, colour)
    _names(axes, panel)
    scales(axes, of.along, panel.change, is_lowest=True)


def _end(axes: Axes, panel: PathPanel, colour: str) -> None:
    """Mark the last checkpoint, and write the change there beside it."""
    if not panel.end_text:
        return
    last = panel.pieces[-1][-1]
    face = colour if panel.mark.is_filled else ink("card")
    axes.plot(
        [last.at],
        [last.change],
        "o",
        markersize=5,
        markeredgecolor=colour,
        markerfacecolor=face,
        clip_on=False,
        zorder=4,
    )
    axes.annotate(
        panel.end_text,
        (last.at, last.change),
        xytext=(7, 0),
        textcoords="offset points",
        fontsize=8,
        fontweight="bold",
        va="center",
        color=colour,
        annotation_clip=False,
    )


def _names(axes: Axes, panel: PathPanel) -> None:
    label = f"{brief(panel.label, 24)} {panel.mark.glyph}"
    axes.set_title(label, loc="left", fontsize=8.5, fontweight="bold", color=ink("ink"), pad=3)
    if panel.remark:
        axes.set_title(panel.remark, loc="right", fontsize=7, color=ink("ink3"), pad=3)
