"""Paper, ink and letters of every picture; matplotlib waits for the first of them."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from forgetscope.report.axis import Axis
from forgetscope.report.theme import RUNS, TOKENS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACROSS",
    "DPI",
    "KINDS",
    "Drawing",
    "Kind",
    "bare",
    "brief",
    "canvas",
    "ink",
    "paper",
    "picture",
    "png",
    "scales",
]

Drawing: TypeAlias = Callable[[], "Figure"]
"""Draws one picture when it is called."""

DPI = 200
Kind = Literal["png", "svg", "pdf"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Formats a picture may have: dots, and two that stay sharp in print."""
_UNDATED: dict[Kind, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What would tell the time or the version of matplotlib, and make equal pictures differ."""
ACROSS = 4
"""Small panels beside each other at most."""
_TITLE_LINES = 4


def png(draw: Drawing) -> bytes:
    """Return a figure as PNG; equal figures give equal bytes."""
    return picture(draw, "png")


def picture(draw: Drawing, kind: Kind) -> bytes:
    """Return a figure in a format; equal figures give equal bytes."""
    target = io.BytesIO()
    with _style(), warnings.catch_warnings():
        # a name in a script the font lacks is drawn as boxes; the page shows it in full
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        draw().savefig(target, format=kind, dpi=DPI, metadata=_UNDATED[kind])
    return target.getvalue()


def canvas(title: str, *, height: float, width: float = 7.2) -> tuple[Figure, Axes]:
    """Return a figure with one chart, both in inches, under a title that states its finding."""
    figure = paper(title, height=height, width=width)
    return figure, figure.add_subplot()


def paper(title: str, *, height: float, width: float) -> Figure:
    """Return an empty figure under its title."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=ink("card"))
    letters = int(8.5 * width)  # that fit in bold 12
    lines = textwrap.fill(title, letters, max_lines=_TITLE_LINES, placeholder=" …")
    figure.suptitle(lines, x=0.01, ha="left", fontsize=12, fontweight="bold", color=ink("ink"))
    return figure


def brief(text: str, most: int = 32) -> str:
    """Return a name that leaves room for the chart; the page has it in full.

    >>> brief("a name that goes on and on and on and on")
    'a name that goes on and on and …'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def bare(axes: Axes) -> None:
    """Take away what a chart does not need, and set its letters."""
    axes.tick_params(length=0, labelsize=8.5, labelcolor=ink("ink"))
    axes.xaxis.label.set(fontsize=8.5, color=ink("ink2"))
    for spine in axes.spines.values():
        spine.set_visible(False)


def scales(axes: Axes, across: Axis, up: Axis, *, is_lowest: bool) -> None:
    """Set ticks, ends and grid of a small panel; of a stack only the lowest names its steps."""
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


def ink(token: str) -> str:
    """Return a colour on light paper."""
    return (TOKENS | RUNS)[token].light


@contextmanager
def _style() -> Iterator[None]:
    """Fix what a user's own matplotlib settings could change; names are never read as formulas."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "text.parse_math": False,
                "font.family": "DejaVu Sans",
                # texts stay texts, and names of parts do not change from run to run
                "svg.fonttype": "none",
                "svg.hashsalt": "forgetscope",
                "pdf.fonttype": 42,
            }
        )
        yield
