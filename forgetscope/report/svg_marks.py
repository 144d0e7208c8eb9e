"""Marks of methods as SVG: a shape for each, filled where it stands for the end of a run."""

from __future__ import annotations

from html import escape

from forgetscope.report.runs import Run
from forgetscope.report.svg import drawing

__all__ = ["run_key", "run_mark", "text_at"]

_CORNERS = {
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.25), (1.2, 0.85), (-1.2, 0.85)),
    "wedge": ((0, 1.25), (1.2, -0.85), (-1.2, -0.85)),
}


def run_mark(
    run: Run, x: float, y: float, *, radius: float, is_filled: bool, hint: str = ""
) -> str:
    """Return the mark of a run; `hint` is shown where a pointer rests on it."""
    is_hollow = not is_filled or run.shape == "ring"
    name = f"mark{' hollow' if is_hollow else ''} run-of-{run.tone}"
    title = f"<title>{escape(hint)}</title>" if hint else ""
    if run.shape not in _CORNERS:
        return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}">{title}</circle>'
    corners = " ".join(
        f"{x + radius * dx:.1f},{y + radius * dy:.1f}" for dx, dy in _CORNERS[run.shape]
    )
    return f'<polygon class="{name}" points="{corners}">{title}</polygon>'


def run_key(run: Run) -> str:
    """Return the mark of a run for a legend; the name stands beside it in words."""
    mark = run_mark(run, 7, 7, radius=4.5, is_filled=True)
    return drawing(14, 14, mark, label="")


def text_at(x: float, y: float, text: str, kind: str, *, anchor: str = "start") -> str:
    """Return a text whose middle is at height `y`."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
