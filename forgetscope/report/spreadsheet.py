"""The domain table as CSV: what a spreadsheet shows, with the digits of the report.

`deltas.csv` beside the report holds every checkpoint and the shares in full.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from forgetscope.records.formula import begins_like_formula
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.view import ReportView

__all__ = ["CSV_COLUMNS", "render_csv"]

CSV_COLUMNS = (
    *("checkpoint", "level", "domain", "name", "role", "n", "before", "after", "change"),
    *("low", "high", "lost", "gained", "verdict", "adjuncts", "words"),
)
"""Scores and changes in points; a metric that has none is in its own unit, as `words` tells."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def render_csv(view: ReportView) -> str:
    """Return a row per domain and task of the last checkpoint, or of the base alone.

    Text that begins like a formula gets an apostrophe, so that no spreadsheet runs it.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)  # lines end in CR LF (RFC 4180)
    writer.writerow(CSV_COLUMNS)
    checkpoint = view.ledger.checkpoint if view.ledger else view.base
    for row in view.ledger.rows if view.ledger else view.profile:
        for level, part in (("domain", row), *(("task", task) for task in row.tasks)):
            cells = (checkpoint, level, row.name, *_values(part, is_compared=bool(view.ledger)))
            writer.writerow([_plain(text) for text in cells])
    return target.getvalue()


def _values(row: ForestRow, *, is_compared: bool) -> Iterator[str]:
    yield from (row.name, str(row.role), _digits(row.n), _digits(row.before))
    if not is_compared:
        yield from [""] * 9
        return
    low, high = row.interval[1:-1].split(", ") if row.interval else ("", "")
    yield from map(_digits, (row.after, row.change, low, high))
    yield from (str(row.lost), str(row.gained), row.mark.word)
    yield " ".join(chip.word for chip in row.chips)
    yield row.words


def _digits(text: str) -> str:
    """Return a number of the report as programs write it; empty where it is undefined.

    >>> _digits("−1,234.5"), _digits("+0.4"), _digits("±0.0"), _digits("–"), _digits("+∞")
    ('-1234.5', '0.4', '0.0', '', '')
    """
    plain = text.replace(",", "").replace("−", "-").lstrip("+±")
    return plain if _NUMBER.fullmatch(plain) else ""


def _plain(text: str) -> str:
    """Return a cell that a spreadsheet reads as what it is: a number, or text and no formula."""
    line = wording.one_line(text)
    if begins_like_formula(line) and not _NUMBER.fullmatch(line):
        return f"'{line}"
    return line
