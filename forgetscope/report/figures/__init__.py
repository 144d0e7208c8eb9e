"""The pictures: the chart model drawn by matplotlib, each under a title that states its finding.

Functions return the `Figure`; `png` turns one into bytes. matplotlib is imported when the first
picture is drawn: a terminal report should not wait for it.
"""

from collections.abc import Iterator

from forgetscope.report.figures.canvas import png
from forgetscope.report.figures.domains import forest, heat, transitions
from forgetscope.report.figures.panels import blend, weights
from forgetscope.report.figures.trade import dumbbell, tradeoff
from forgetscope.report.figures.trajectories import paths
from forgetscope.report.trained import Trained
from forgetscope.report.view import ReportView

__all__ = [
    "NAMES",
    "blend",
    "dumbbell",
    "figures",
    "forest",
    "heat",
    "paths",
    "png",
    "tradeoff",
    "transitions",
    "weights",
]

NAMES = (
    *("forest.png", "heat.png", "paths.png", "transitions.png"),
    *("tradeoff.png", "weights.png", "dumbbell.png", "blend.png"),
)
"""Every picture a report may have."""


def figures(view: ReportView) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of every picture the view has data for."""
    if view.ledger:
        yield "forest.png", png(lambda: forest(view))
    if view.heat:
        yield "heat.png", png(lambda: heat(view))
    if ways := view.trajectories:
        yield "paths.png", png(lambda: paths(ways))
    if view.ledger and any(row.is_drawn for row in view.ledger.rows):
        yield "transitions.png", png(lambda: transitions(view))
    if view.trained:
        yield from _of_training(view.trained)


def _of_training(known: Trained) -> Iterator[tuple[str, bytes]]:
    if trade := known.trade:
        yield "tradeoff.png", png(lambda: tradeoff(trade))
    if run := known.weights:
        yield "weights.png", png(lambda: weights(run))
    if bell := known.dumbbell:
        yield "dumbbell.png", png(lambda: dumbbell(bell))
    if search := known.blend:
        yield "blend.png", png(lambda: blend(search))
