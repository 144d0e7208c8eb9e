"""The capability profile as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forgetscope.report.figures.canvas import bare, brief, canvas, ink
from forgetscope.report.scores import ScoreRow, Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["profile"]


def profile(scores: Scores) -> Figure:
    """Return the score of every domain, before and after, and what a guesser would score."""
    figure, axes = canvas(scores.finding, height=1.2 + 0.32 * len(scores.rows), width=8.2)
    for place, row in enumerate(scores.rows):
        _row(axes, row, place)
    axes.set_xticks(
        [tick.value for tick in scores.axis.ticks], [tick.text for tick in scores.axis.ticks]
    )
    axes.set_xlim(scores.axis.low, scores.axis.high * 1.02)
    labels = [f"{brief(row.label)}  {row.n}" for row in scores.rows]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel(_key(scores))
    axes.grid(axis="x", color=ink("line"), linewidth=0.8, zorder=0)
    bare(axes)
    return figure


def _key(scores: Scores) -> str:
    sides = f"ring: {brief(scores.before)}"
    if scores.after:
        sides += f", filled: {brief(scores.after)}"
    has_guesser = any(not math.isnan(row.chance) for row in scores.rows)
    return f"{scores.axis.title}; {sides}" + ("; upright: a guesser" if has_guesser else "")


def _row(axes: Axes, row: ScoreRow, place: int) -> None:
    colour = ink(row.mark.tone) if row.mark else ink("held")
    if not math.isnan(row.chance):
        ends = [place - 0.3, place + 0.3]
        axes.plot([row.chance] * 2, ends, color=ink("ink3"), linewidth=1.2, zorder=2)
    if row.mark:
        axes.plot([row.before, row.after], [place] * 2, color=colour, linewidth=2.2, zorder=2)
        _dot(axes, row.after, place, edge=colour, face=colour)
    _dot(axes, row.before, place, edge=ink("ink3"), face=ink("card"))
    words = f"{row.text}   {row.mark.glyph} {row.mark.word}" if row.mark else row.text
    axes.annotate(
        words,
        (1, place),
        xycoords=axes.get_yaxis_transform(),
        xytext=(10, 0),
        textcoords="offset points",
        fontsize=8,
        va="center",
        color=colour,
    )


def _dot(axes: Axes, value: float, place: int, *, edge: str, face: str) -> None:
    axes.plot(
        [value],
        [place],
        "o",
        markersize=6.5,
        markeredgecolor=edge,
        markerfacecolor=face,
        markeredgewidth=1.5,
        zorder=3,
    )
