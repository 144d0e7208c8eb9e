"""`deltas.csv`: every comparison in long form, one row per checkpoint and cell.

Values are shares as in the records; what is undefined is an empty cell. A spreadsheet must not run
what a model or a file name wrote, so text that begins like a formula gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from forgetscope.records import Cell, Checkpoint, Diagnosis
from forgetscope.records.formula import begins_like_formula
from forgetscope.store.files import write_whole

__all__ = ["DELTA_COLUMNS", "render_deltas", "write_deltas"]

DELTA_COLUMNS = (
    "step",
    "checkpoint",
    "level",
    "name",
    "domain",
    "role",
    "metric",
    "n",
    "before",
    "after",
    "change",
    "low",
    "high",
    "p_value",
    "noise_floor",
    "margin",
    "detectable",
    "weighting",
    "n_missing",
    "lost",
    "gained",
    "retained",
    "unsolved",
    "lost_generated",
    "lost_by_form",
    "verdict",
    "adjuncts",
    "stopped_of",
)


def write_deltas(
    diagnosis: Diagnosis, path: Path, *, checkpoints: Sequence[Checkpoint] = ()
) -> Path:
    """Write the table to `path` and return it; the file appears whole or not at all."""
    text = render_deltas(diagnosis, checkpoints=checkpoints)
    with write_whole(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
    return path


def render_deltas(diagnosis: Diagnosis, *, checkpoints: Sequence[Checkpoint] = ()) -> str:
    """Return the table as text; a level is `overall`, `domain` or `task`."""
    steps = {checkpoint.label: checkpoint.step for checkpoint in checkpoints}
    target = io.StringIO(newline="")
    writer = csv.writer(target)  # lines end in CR LF (RFC 4180), so that a lone CR gets quoted too
    writer.writerow(DELTA_COLUMNS)
    for comparison in diagnosis.comparisons:
        start = (steps.get(comparison.after), comparison.after)
        levels = {
            "overall": (comparison.overall,),
            "domain": comparison.domains,
            "task": comparison.tasks,
        }
        for level, cells in levels.items():
            for cell in cells:
                row = (*start, level, *_values(cell))
                writer.writerow([_plain(value) for value in row])
    return target.getvalue()


def _values(cell: Cell) -> Iterator[str | int | float | None]:
    yield from (cell.name, cell.domain, str(cell.role), cell.metric, cell.n)
    yield from (cell.before, cell.after, cell.change, cell.low, cell.high, cell.p_value)
    yield from (cell.noise_floor, cell.margin, cell.detectable, cell.weighting, cell.n_missing)
    yield from (cell.lost, cell.gained, cell.retained, cell.unsolved)
    yield from _lost_by_form(cell)
    yield from (str(cell.verdict), " ".join(str(adjunct) for adjunct in cell.adjuncts))
    yield cell.stopped_of


def _lost_by_form(cell: Cell) -> tuple[int | None, int | None]:
    """Return the lost items that were generated, and how many of them lost their form alone."""
    if cell.findings.causes is None:
        return (None, None)
    counts = cell.findings.causes.by_class
    by_form = sum(n for form, n in counts if form.is_format)
    return (sum(n for _, n in counts), by_form)


def _plain(value: str | float | None) -> str:
    """Return a cell that a spreadsheet reads as what it is: a number, or text and no formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if begins_like_formula(value) else value
    return repr(value) if math.isfinite(value) else ""
