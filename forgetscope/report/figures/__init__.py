"""The pictures: the chart model drawn by matplotlib, each under a title that states its finding.

Functions return the `Figure`; `picture` turns one into the bytes of a file. matplotlib is imported
when the first picture is drawn: a terminal report should not wait for it.
"""

from collections.abc import Iterator, Sequence

from forgetscope.report.figures.canvas import KINDS, Drawing, Kind, picture, png
from forgetscope.report.figures.domains import forest, heat, transitions
from forgetscope.report.figures.panels import blend, weights
from forgetscope.report.figures.profile import profile
from forgetscope.report.figures.reliability import calibration
from forgetscope.report.figures.trade import dumbbell, tradeoff
from forgetscope.report.figures.trajectories import paths
from forgetscope.report.trained import Trained
from forgetscope.report.view import ReportView

__all__ = [
    "KINDS",
    "NAMES",
    "Kind",
    "blend",
    "calibration",
    "dumbbell",
    "figures",
    "forest",
    "heat",
    "paths",
    "picture",
    "png",
    "profile",
    "tradeoff",
    "transitions",
    "weights",
]

NAMES = (
    *("profile", "forest", "heat", "paths", "transitions"),
    *("tradeoff", "weights", "dumbbell", "blend", "calibration"),
)
"""Every picture a report may have."""


def figures(view: ReportView, kinds: Sequence[Kind] = ("png",)) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of every picture the view has data for, in each of the formats."""
    for name, draw in _drawings(view):
        for kind in kinds:
            yield f"{name}.{kind}", picture(draw, kind)


def _drawings(view: ReportView) -> Iterator[tuple[str, Drawing]]:
    if scores := view.scores:
        yield "profile", lambda: profile(scores)
    if view.ledger:
        yield "forest", lambda: forest(view)
    if view.heat:
        yield "heat", lambda: heat(view)
    if ways := view.trajectories:
        yield "paths", lambda: paths(ways)
    if view.ledger and any(row.is_drawn for row in view.ledger.rows):
        yield "transitions", lambda: transitions(view)
    if view.trained:
        yield from _of_training(view.trained)
    if (sure := view.reliability) and sure.panels:
        yield "calibration", lambda: calibration(sure)


def _of_training(known: Trained) -> Iterator[tuple[str, Drawing]]:
    if trade := known.trade:
        yield "tradeoff", lambda: tradeoff(trade)
    if run := known.weights:
        yield "weights", lambda: weights(run)
    if bell := known.dumbbell:
        yield "dumbbell", lambda: dumbbell(bell)
    if search := known.blend:
        yield "blend", lambda: blend(search)
