"""Show a comparison: a table on a terminal, plain lines elsewhere."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from forgetscope.cli.console import out
from forgetscope.report import ReportView
from forgetscope.report.chart import ForestRow
from forgetscope.report.plain import plain_lines, trained_lines

__all__ = ["show"]

_COLOURS = {"loss": "red", "gain": "blue", "undecided": "yellow"}
_NARROW, _WIDE = 80, 120
"""Below so many columns only domain, change and verdict fit; from so many on, chips in words."""


def show(view: ReportView) -> None:
    """Show what changed on stdout."""
    if not out.is_terminal or view.ledger is None:
        use_ascii = not (out.encoding or "").lower().startswith("utf")
        for line in plain_lines(view, use_ascii=use_ascii):
            print(line)
        return
    out.print(Text(view.headline, style="bold"))
    out.print(Text("".join(span.text for span in view.summary)))
    out.print(_table(view.ledger.rows, width=out.width))
    for note in view.notes:
        out.print(Text(note))
    for line in trained_lines(view):
        out.print(Text(line))
    if view.gate is not None:
        out.print(Text(f"{view.gate.text}: {view.gate_reason}"))
    for warning in view.trust.warnings:
        out.print(Text(f"warning: {warning}", style="yellow"))


def _table(rows: tuple[ForestRow, ...], *, width: int) -> Table:
    is_narrow = width < _NARROW
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("domain")
    if not is_narrow:
        for name in ("items", "base", "now"):
            table.add_column(name, justify="right")
    table.add_column("change", justify="right")
    if not is_narrow:
        table.add_column("interval")
        table.add_column("lost", justify="right")
        table.add_column("gained", justify="right")
    table.add_column("verdict", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row, width=width))
    return table


def _cells(row: ForestRow, *, width: int) -> list[Text]:
    verdict = _verdict(row, in_words=width >= _WIDE)
    change = Text(row.change if row.is_drawn else "")
    if width < _NARROW:
        return [Text(row.label), change, verdict]
    numbers = [Text(text) for text in (row.label, row.n, row.before, row.after)]
    if not row.is_drawn:
        return [*numbers, change, Text(row.words, style="dim"), Text(""), Text(""), verdict]
    counts = [Text(f"{row.lost:,}"), Text(f"{row.gained:,}")]
    return [*numbers, change, Text(row.interval), *counts, verdict]


def _verdict(row: ForestRow, *, in_words: bool) -> Text:
    verdict = Text(f"{row.mark.glyph} {row.mark.word}", style=_COLOURS.get(row.mark.tone, ""))
    for chip in row.chips:
        verdict.append(f" {chip.glyph}{f' {chip.word}' if in_words else ''}", style="dim")
    return verdict
