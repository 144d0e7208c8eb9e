"""Reliability diagrams as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forgetscope.report.figures.canvas import ACROSS, brief, ink, paper, scales
from forgetscope.report.reliability import Reliability, ReliabilityPanel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["calibration"]


def calibration(known: Reliability) -> Figure:
    """Return how often answers are right at each confidence, before and after."""
    across = min(ACROSS, len(known.panels))
    down = math.ceil(len(known.panels) / across)
    figure = paper(known.finding, width=max(5.2, 2.4 * across), height=1.3 + 2.3 * down)
    cells = figure.add_gridspec(down, across)
    for place, panel in enumerate(known.panels):
        _panel(figure.add_subplot(cells[divmod(place, across)]), panel, of=known)
    key = (
        f"along: {known.confidence.title}; upwards: {known.accuracy.title}; "
        f"hollow: {brief(known.before)}, filled: {brief(known.after)}"
    )
    figure.supxlabel(key, fontsize=8.5, color=ink("ink2"))
    return figure


def _panel(axes: Axes, panel: ReliabilityPanel, *, of: Reliability) -> None:
    axes.plot([0, 1], [0, 1], color=ink("line2"), linewidth=1, linestyle=(0, (3, 3)), zorder=1.5)
    for dots, colour, face in (
        (panel.before, ink("ink3"), ink("card")),
        (panel.after, ink("ink"), ink("ink")),
    ):
        axes.plot(
            [dot.confidence for dot in dots],
            [dot.accuracy for dot in dots],
            "o-",
            markersize=3.6,
            color=colour,
            markeredgecolor=colour,
            markerfacecolor=face,
            linewidth=1.2,
            zorder=3,
        )
    scales(axes, of.confidence, of.accuracy, is_lowest=True)
    axes.set_aspect("equal")
    label = brief(panel.label, 22)
    axes.set_title(label, loc="left", fontsize=8.5, fontweight="bold", color=ink("ink"), pad=3)
    axes.set_title(f"ECE {panel.text}", loc="right", fontsize=7, color=ink("ink3"), pad=3)
