"""The heat table: a row per domain, a column per checkpoint, colour where a change is proved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import UNBOUNDED_METRICS, Cell, Comparison, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.thinning import kept_places, thinning_note

__all__ = ["BIN_EDGES", "HeatCell", "HeatRow", "HeatTable", "bin_of", "heat_table"]

BIN_EDGES = (1.0, 2.0, 4.0, 6.0, 8.0)
"""Points at which the colour deepens, the same in every report."""

_FLAGGED = (Verdict.FORGOT, Verdict.SLIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """One domain at one checkpoint."""

    text: str
    glyph: str
    """Mark of a loss, beside the number; empty for every other verdict."""
    bin: int
    """-5 to 5; 0 where the interval holds zero, noise moves as much, or nothing is measured."""
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """One domain over all checkpoints."""

    label: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTable:
    """All domains over all checkpoints."""

    columns: tuple[str, ...]
    overall: HeatRow
    groups: tuple[tuple[HeatRow, ...], ...]
    """Rows by group, in the order of the domain table."""
    finding: str
    """When the first general domain was FORGOT, as a sentence without its period."""
    note: str
    """Which checkpoints are left out, and that some are; empty where all are shown."""


def heat_table(
    comparisons: Sequence[Comparison],
    *,
    columns: Mapping[str, str],
    groups: Sequence[Sequence[str]],
) -> HeatTable:
    """Return the heat table.

    Parameters
    ----------
    comparisons
        One per checkpoint after the base.
    columns
        Name of each checkpoint as people see it, by label.
    groups
        Domain slugs in the order of the domain table, by group.
    """
    shown = [comparisons[place] for place in kept_places(comparisons)]
    names = [columns[comparison.after] for comparison in shown]
    by_domain = [{cell.name: cell for cell in comparison.domains} for comparison in shown]

    def row(slug: str) -> HeatRow:
        label = wording.title(slug)
        cells = [
            _heat_cell(cells.get(slug), where=f"{label}, {name}")
            for cells, name in zip(by_domain, names, strict=True)
        ]
        return HeatRow(label=label, cells=tuple(cells))

    overall = [
        _heat_cell(comparison.overall, where=f"All general domains, {name}")
        for comparison, name in zip(shown, names, strict=True)
    ]
    return HeatTable(
        columns=tuple(names),
        overall=HeatRow(label="All general domains", cells=tuple(overall)),
        groups=tuple(tuple(row(slug) for slug in group) for group in groups if group),
        finding=_finding(comparisons, names=[columns[one.after] for one in comparisons]),
        note=thinning_note(len(comparisons), n_kept=len(shown)),
    )


def bin_of(change: float, *, low: float, high: float, noise: float = math.nan) -> int:
    """Return the colour bin of a change (shares).

    0 unless its interval excludes zero and it is larger than what noise alone shows (`noise`, nan
    where that is not known).

    >>> bin_of(-0.087, low=-0.108, high=-0.065), bin_of(-0.087, low=-0.2, high=0.01)
    (-5, 0)
    """
    if not (high < 0 or low > 0) or abs(change) <= noise:
        return 0
    depth = sum(100 * abs(change) >= edge for edge in BIN_EDGES)
    return int(math.copysign(depth, change)) if depth else 0


def _finding(comparisons: Sequence[Comparison], *, names: Sequence[str]) -> str:
    for comparison, name in zip(comparisons, names, strict=True):
        forgot = [
            cell
            for cell in comparison.domains
            if cell.role is Role.GENERAL and cell.verdict is Verdict.FORGOT
        ]
        if forgot:
            first = min(forgot, key=lambda cell: cell.change)
            return f"{wording.title(first.name)} is FORGOT first, at {name}"
    return f"No general domain is FORGOT up to {names[-1]}"


def _heat_cell(cell: Cell | None, *, where: str) -> HeatCell:
    if cell is None:
        return HeatCell(text="", glyph="", bin=0, hint=f"{where}: not evaluated")
    mark = wording.mark_of(cell.verdict)
    if cell.verdict is Verdict.CANNOT_MEASURE or math.isnan(cell.change):
        hint = f"{where}: {wording.verdict_words(cell)}"
        return HeatCell(text=mark.glyph, glyph="", bin=0, hint=hint)
    text = wording.change(cell.change, metric=cell.metric)
    in_points = cell.metric not in UNBOUNDED_METRICS
    unit = "points" if in_points else wording.one_line(cell.metric)
    span = wording.interval(cell.low, cell.high, metric=cell.metric)
    return HeatCell(
        text=text,
        glyph=mark.glyph if cell.verdict in _FLAGGED else "",
        bin=_bin(cell) if in_points else 0,
        hint=f"{where}: {cell.verdict}, {text} {unit} {span}",
    )


def _bin(cell: Cell) -> int:
    # noise is no part of a verdict, so it takes the colour of no loss that has one
    noise = math.nan if cell.verdict in _FLAGGED else cell.noise_floor
    return bin_of(cell.change, low=cell.low, high=cell.high, noise=noise)
