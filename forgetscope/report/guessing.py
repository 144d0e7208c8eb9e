"""Knowledge and guessing: what multiple choice lost once the guesses are taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forgetscope.records import Comparison, Knowledge
from forgetscope.report import wording
from forgetscope.report.table import Entry, Table, share_entry, table, told

__all__ = ["guessing"]

CAVEAT = (
    "An item is taken as known or guessed evenly among its options. Real wrong options are not "
    "equally tempting, and what counts as a guess that repeats itself also holds stable "
    "misconceptions; the bounds hold whatever the guesses repeat."
)


def guessing(comparison: Comparison, *, order: Sequence[str]) -> Table | None:
    """Return lost and gained beyond guessing, points; `None` where nothing is multiple choice."""
    rows = [
        (label, _entries(found))
        for label, _, found in told(comparison, lambda f: f.knowledge, order=order)
    ]
    return table("Lost and gained beyond guessing, points", rows, note=CAVEAT)


def _entries(found: Knowledge) -> dict[str, Entry]:
    return {
        "Lost": share_entry(found.lost),
        "Lost, bounds": _bounds(found.lost_low, found.lost_high),
        "Lost by arXiv:2510.17776": _published(found.published_lost),
        "Gained": share_entry(found.gained),
        "Gained, bounds": _bounds(found.gained_low, found.gained_high),
        "Gained by arXiv:2510.17776": _published(found.published_gained),
        "Known before": share_entry(found.known_before),
        "Known now": share_entry(found.known_after),
        "Still known": _kept(found.retention),
    }


def _bounds(low: float, high: float) -> Entry:
    """Return what lost or gained can be at all, whether guesses repeat themselves or not."""
    if math.isnan(low) or math.isnan(high):
        return Entry()
    least, most = (wording.points(max(end, 0.0)) for end in sorted((low, high)))
    return Entry(f"{least} to {most}")


def _published(share: float) -> Entry:
    return Entry() if math.isnan(share) else Entry(wording.points(share), "if independent")


def _kept(retention: float) -> Entry:
    if math.isnan(retention):
        return Entry()
    return Entry(wording.percent(min(max(retention, 0.0), 1.0)), "of what was known")
