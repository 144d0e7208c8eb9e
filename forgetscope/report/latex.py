"""The domain table for a paper: LaTeX with the rules of booktabs."""

from __future__ import annotations

from collections.abc import Iterator

from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.ledger import Ledger
from forgetscope.report.view import ReportView

__all__ = ["escaped", "render_latex"]

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "`": r"\textasciigrave{}",
        '"': r"\char34{}",
        "-": "-{}",  # two of them would become a dash
        "[": "{[}",  # behind `\\` a bracket or a star is no text
        "]": "{]}",
        "*": "{*}",
        "−": "$-$",
        "±": r"$\pm$",
        "∞": r"$\infty$",
        "–": "--",
        "·": r"$\cdot$",
        "→": r"$\to$",
        "≠": r"$\neq$",
        **{sign: f"\\{sign}" for sign in "{}$&#%_"},
    }
)
_MATHS = str.maketrans({"−": "-", "±": r"\pm ", "∞": r"\infty "})


def render_latex(view: ReportView) -> str:
    """Return a table of the domains at the last checkpoint, or of the base's scores."""
    is_compared = view.ledger is not None
    columns = "lrrrrll" if is_compared else "lrrr"
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_caption(view)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *(_compared(view.ledger) if view.ledger else _profile(view.profile)),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Return a text as one line in which no character has a meaning to LaTeX.

    >>> escaped(r"50 % of \input{x}")
    '50 \\% of \\textbackslash{}input\\{x\\}'
    """
    return wording.one_line(text).translate(_ESCAPES)


def _caption(view: ReportView) -> str:
    headline = f"{escaped(view.headline)}."
    if view.ledger is None:
        return headline
    return (
        f"{headline} Change in points with its simultaneous interval (one-sided level "
        rf"{escaped(view.alpha)}\,\% at each end); margin {escaped(view.margin)} points."
    )


def _compared(ledger: Ledger) -> Iterator[str]:
    yield r"Domain & Items & Base & Now & Change & Interval & Verdict \\"
    for group in ledger.groups:
        yield r"\midrule"
        yield rf"\multicolumn{{7}}{{l}}{{\emph{{{escaped(group.title)}}}}} \\"
        yield from map(_row, group.rows)


def _row(row: ForestRow) -> str:
    words = [row.mark.word, *(chip.word for chip in row.chips)]
    verdict = escaped(", ".join(words))
    cells = [escaped(row.label), *map(_number, (row.n, row.before, row.after))]
    if row.is_drawn:
        cells += [_number(row.change), _number(row.interval), verdict]
        return f"{' & '.join(cells)} \\\\"
    reason = rf"\multicolumn{{2}}{{l}}{{{escaped(row.words)}}}"
    return f"{' & '.join([*cells, reason, verdict])} \\\\"


def _profile(rows: tuple[ForestRow, ...]) -> Iterator[str]:
    yield r"Domain & Items & Score & Guesser \\"
    yield r"\midrule"
    for row in rows:
        cells = (escaped(row.label), *map(_number, (row.n, row.before, row.chance)))
        yield f"{' & '.join(cells)} \\\\"


def _number(text: str) -> str:
    """Return a number or an interval of the report as LaTeX sets it: with a true minus."""
    if text in ("", wording.UNDEFINED):
        return "--" if text else ""
    spaced = text.replace(", ", ",\\ ").translate(_MATHS)
    # a comma between digits separates thousands, not arguments
    return f"${_thousands(spaced)}$"


def _thousands(text: str) -> str:
    parts = text.split(",")
    joined = parts[0]
    for part in parts[1:]:
        joined += ("{,}" if part[:1].isdigit() else ",") + part
    return joined
