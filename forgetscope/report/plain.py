"""The report as lines of plain text, for a terminal or a log."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from forgetscope.report.chart import ForestRow
from forgetscope.report.lines import blocks
from forgetscope.report.view import ReportView

__all__ = ["plain_lines", "speaking", "to_ascii", "trained_lines", "verdict_line"]

_GAP = "  "


def plain_lines(view: ReportView, *, use_ascii: bool = False) -> tuple[str, ...]:
    """Return the verdict, the aligned domain table and the gate, line by line.

    Parameters
    ----------
    view
        What to show.
    use_ascii
        Write marks and minus signs with ASCII characters only; names stay as they are.
    """
    lines = [verdict_line(view), "".join(span.text for span in view.summary), ""]
    lines += _table(view, use_ascii=use_ascii)
    lines += [f"{row.label}: {row.words}" for row in speaking(view)]
    lines += view.notes
    lines += trained_lines(view, use_ascii=use_ascii)
    if view.gate:
        lines += [
            "",
            f"{view.gate.text}: {view.gate_reason}" if view.gate_reason else view.gate.text,
        ]
    lines += [view.trust.rerun] if view.trust.rerun else []
    lines += [f"warning: {warning}" for warning in view.trust.warnings]
    return tuple(to_ascii(line) if use_ascii else line for line in lines)


def trained_lines(
    view: ReportView, *, use_ascii: bool = False, width: int | None = None
) -> tuple[str, ...]:
    """Return what is known of training and blending, each part after an empty line.

    Parameters
    ----------
    view
        What to show.
    use_ascii
        Write marks and minus signs with ASCII characters only.
    width
        Room for a table: where it does not fit, each of its rows becomes a sentence.
    """
    lines: list[str] = []
    for block in blocks(view.trained, use_ascii=use_ascii) if view.trained else ():
        lines += ["", block.finding]
        if block.rows:
            aligned = list(_aligned([block.head, *block.rows], left=range(len(block.head))))
            fits = width is None or max(map(_width, aligned)) <= width
            lines += aligned if fits else map(_sentence(block.head), block.rows)
    return tuple(to_ascii(line) if use_ascii else line for line in lines)


def _sentence(head: Sequence[str]) -> Callable[[Sequence[str]], str]:
    def told(row: Sequence[str]) -> str:
        parts = [f"{name} {text}" for name, text in zip(head[1:], row[1:], strict=True) if text]
        return f"{row[0]}: {', '.join(parts)}"

    return told


def verdict_line(view: ReportView) -> str:
    """Return the conclusion as one line."""
    return view.headline


def _table(view: ReportView, *, use_ascii: bool) -> Iterator[str]:
    if view.ledger is None:
        names = ("Domain", "items", "score", "guesser")
        profile = [(row.label, row.n, row.before, row.chance) for row in view.profile]
        yield from _aligned([names, *profile], left=(0,))
        return
    head = ("", "Domain", "items", "base", "now", "change", "interval", "lost", "gained", "verdict")
    rows = [_cells(row, use_ascii=use_ascii) for row in view.ledger.rows]
    yield from _aligned([head, *rows], left=(0, 1, 6, 9))


def _cells(row: ForestRow, *, use_ascii: bool) -> tuple[str, ...]:
    chips = "".join(f" {chip.ascii if use_ascii else chip.glyph} {chip.word}" for chip in row.chips)
    return (
        row.mark.ascii if use_ascii else row.mark.glyph,
        row.label,
        row.n,
        row.before,
        row.after,
        row.change if row.is_drawn else "",
        row.interval if row.is_drawn else "",
        f"{row.lost:,}" if row.is_drawn else "",
        f"{row.gained:,}" if row.is_drawn else "",
        f"{row.mark.word}{chips}",
    )


def speaking(view: ReportView) -> list[ForestRow]:
    """Return the rows whose verdict needs a sentence: a reason, or how many items are missing."""
    rows = view.ledger.rows if view.ledger else ()
    return [row for row in rows if not row.is_drawn or ":" in row.words]


def _aligned(rows: Sequence[Sequence[str]], *, left: Sequence[int]) -> Iterator[str]:
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            _padded(cell, width, to_left=place in left)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield _GAP.join(cells).rstrip()


def _padded(text: str, width: int, *, to_left: bool) -> str:
    padding = " " * (width - _width(text))
    return text + padding if to_left else padding + text


def _width(text: str) -> int:
    """Return how many terminal cells a text takes: two for wide characters, none for combining."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def to_ascii(line: str) -> str:
    """Return a line with our own signs in ASCII letters; names stay as they are."""
    for sign, letters in (
        ("−", "-"),
        ("±", "+-"),
        ("–", "-"),
        ("·", "-"),
        ("∞", "inf"),
        ("…", "..."),
    ):
        line = line.replace(sign, letters)
    return line
