"""Tables of findings: a row per domain, every number already a text with its interval below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from forgetscope.records import Cell, Comparison, Estimate, Findings
from forgetscope.report import wording

__all__ = [
    "NO_INTERVAL",
    "Entry",
    "Table",
    "TableRow",
    "decimal_entry",
    "has_interval",
    "moved_entry",
    "share_entry",
    "size_entry",
    "table",
    "told",
]

Kind = TypeVar("Kind")

NO_INTERVAL = "no interval"
"""What stands beside a change of which no interval can be given; it never stands alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number; empty where it is not known."""

    text: str = ""
    note: str = ""
    """Its interval, or what else must be read with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """What is known of one domain or task, an entry per column."""

    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Findings of one kind; no column and no row is empty."""

    title: str
    note: str
    """What has to be known to read it."""
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def table(
    title: str, rows: Sequence[tuple[str, Mapping[str, Entry]]], *, note: str = ""
) -> Table | None:
    """Return the rows as a table without empty rows and columns; `None` if nothing is left.

    Parameters
    ----------
    title
        What the table tells.
    rows
        Name of each row, and its entries by the name of their column.
    note
        What has to be known to read it.
    """
    kept = [(label, entries) for label, entries in rows if any(e.text for e in entries.values())]
    names = dict.fromkeys(name for _, entries in kept for name in entries)
    columns = [name for name in names if any(entries[name].text for _, entries in kept)]
    if not kept:
        return None
    return Table(
        title=title,
        note=note,
        columns=tuple(columns),
        rows=tuple(
            TableRow(label=label, entries=tuple(_shown(entries[name]) for name in columns))
            for label, entries in kept
        ),
    )


def told(
    comparison: Comparison, kind: Callable[[Findings], Kind | None], *, order: Sequence[str]
) -> Iterator[tuple[str, Cell, Kind]]:
    """Yield name, cell and finding of the domains in order; of the tasks where a domain has none.

    Parameters
    ----------
    comparison
        What was compared.
    kind
        Which finding is asked for.
    order
        Slugs of the domains as the page orders them.
    """
    domains = {cell.name: cell for cell in comparison.domains}
    for slug in order:
        finding = kind(domains[slug].findings)
        if finding is not None:
            yield wording.title(slug), domains[slug], finding
            continue
        for task in comparison.tasks:
            finding = kind(task.findings) if task.domain == slug else None
            if finding is not None:
                yield f"{wording.title(slug)}: {wording.one_line(task.name)}", task, finding


def has_interval(estimate: Estimate) -> bool:
    """Return whether there is an interval; one without width comes of values without spread."""
    return estimate.low < estimate.high


def moved_entry(estimate: Estimate, *, metric: str = "") -> Entry:
    """Return a change in points (or the unit of its metric) with its interval."""
    if math.isnan(estimate.value):
        return Entry()
    text = wording.change(estimate.value, metric=metric)
    if not has_interval(estimate):
        return Entry(text, NO_INTERVAL)
    return Entry(text, wording.interval(estimate.low, estimate.high, metric=metric))


def share_entry(estimate: Estimate) -> Entry:
    """Return a share in points with its interval; one estimated below zero is shown as zero.

    >>> share_entry(Estimate(value=-0.004, low=-0.01, high=0.002))
    Entry(text='0.0', note='estimate −0.4 [−1.0, 0.2]')
    """
    if math.isnan(estimate.value):
        return Entry()
    text = wording.points(estimate.value)
    span = wording.span(estimate.low, estimate.high) if has_interval(estimate) else NO_INTERVAL
    return Entry(text, span) if estimate.value >= 0 else Entry("0.0", f"estimate {text} {span}")


def size_entry(share: float, *, note: str = "") -> Entry:
    """Return a size in points that has no interval of its own."""
    return Entry() if math.isnan(share) else Entry(wording.points(share), note)


def decimal_entry(estimate: Estimate) -> Entry:
    """Return a change that is not in points, with its interval."""
    if math.isnan(estimate.value):
        return Entry()
    text = wording.decimal(estimate.value, is_change=True)
    if not has_interval(estimate):
        return Entry(text, NO_INTERVAL)
    low, high = (wording.decimal(end, is_change=True) for end in (estimate.low, estimate.high))
    return Entry(text, f"[{low}, {high}]")


def _shown(entry: Entry) -> Entry:
    return entry if entry.text else replace(entry, text=wording.UNDEFINED)
