"""Blends: every domain against the share of tuned weights, the choice, and its final verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgetscope.records import BlendCell, BlendCurve, BlendPoint, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.axis import Axis
from forgetscope.report.blend_panels import (
    BlendPanel,
    blend_panels,
    loss_first,
    percent_of,
    rank,
    share_axis,
)
from forgetscope.report.table import NO_INTERVAL, Entry, Table, table
from forgetscope.report.wording import Mark

__all__ = ["Blending", "FinalRow", "blending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalRow:
    """One domain on the items kept for the verdict."""

    label: str
    n: str
    chosen: Entry
    chosen_mark: Mark | None
    after: Entry
    after_mark: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blending:
    """The section."""

    finding: str
    lede: str
    share: Axis
    chosen: float
    """Share of tuned weights; nan where no blend was allowed."""
    chosen_text: str
    margin: float
    """A negative number of points."""
    margin_text: str
    panels: tuple[BlendPanel, ...]
    """The target first."""
    points: Table
    """The search, a row per blend."""
    final: tuple[FinalRow, ...]
    """Verdicts from items that the search never saw."""
    before: str
    after: str

    @property
    def has_after(self) -> bool:
        """Whether the tuned checkpoint was judged on the same items."""
        return any(row.after_mark for row in self.final)


def blending(curve: BlendCurve) -> Blending | None:
    """Return the section about a blend; `None` where nothing was evaluated."""
    points = sorted(curve.points, key=lambda point: point.share)
    if not any(point.cells for point in points):
        return None
    before, after = wording.one_line(curve.before), wording.one_line(curve.after)
    chosen = math.nan if curve.chosen is None else curve.chosen
    return Blending(
        finding=_finding(curve),
        lede=_lede(curve, before=before, after=after),
        share=share_axis(),
        chosen=chosen,
        chosen_text="" if math.isnan(chosen) else f"chosen {percent_of(chosen)}",
        margin=-100 * curve.margin,
        margin_text=f"margin −{wording.points(curve.margin)}",
        panels=blend_panels(points, margin=curve.margin),
        points=_table(points, chosen=chosen),
        final=tuple(_final(curve)),
        before=before,
        after=after,
    )


def _finding(curve: BlendCurve) -> str:
    """Return what came of the search as a sentence without its period."""
    asked = "HELD in every general domain" if curve.require == "held" else "without forgetting"
    if curve.chosen is None:
        return f"No blend was {asked}"
    share = f"A blend of {percent_of(curve.chosen)} tuned weights"
    if not curve.final:
        return f"{share} was chosen; it has no final verdict"
    target = next((cell for cell in curve.final if cell.role is Role.TARGET), None)
    gained = f" {wording.title(target.domain)} {wording.change(target.change)}," if target else ""
    return f"{share}:{gained} {_kept(curve.final)}"


def _kept(cells: Sequence[BlendCell]) -> str:
    general = [cell for cell in cells if cell.role is Role.GENERAL]
    forgot = [wording.title(cell.domain) for cell in general if cell.verdict is Verdict.FORGOT]
    if forgot:
        return f"yet {' and '.join(forgot[:2])}{' and more' if len(forgot) > 2 else ''} FORGOT"
    good = (Verdict.HELD, Verdict.GAINED)
    held = sum(cell.verdict in good for cell in general)
    return f"{held} of {len(general)} general domains HELD or GAINED, none FORGOT"


def _lede(curve: BlendCurve, *, before: str, after: str) -> str:
    rule = (
        "every general domain is HELD" if curve.require == "held" else "no general domain is FORGOT"
    )
    text = (
        f"Weights on the straight line from {before} to {after}, each compared with {before}. "
        f"A blend is allowed if {rule}; of those, the one with the largest gain on the target was "
        "chosen, and judged once more on items that the search had not seen."
    )
    if any(point.was_stopped for point in curve.points):
        text += " Where a domain had already decided against a blend, its evaluation ended early."
    return text


def _table(points: Sequence[BlendPoint], *, chosen: float) -> Table:
    roles = {cell.domain: cell.role for point in points for cell in point.cells}
    names = sorted(roles, key=lambda slug: (rank(roles[slug]), slug))
    rows = [(percent_of(point.share), _entries(point, names, chosen=chosen)) for point in points]
    # every blend is allowed or not, so there is a row
    return table("The search", rows) or Table(title="", note="", columns=(), rows=())


def _entries(point: BlendPoint, names: Sequence[str], *, chosen: float) -> dict[str, Entry]:
    word = "✓ allowed" if point.is_allowed else "✕ not allowed"
    if math.isclose(point.share, chosen):
        word = "✓ chosen"
    reasons = (wording.one_line(point.reason), "stopped early" if point.was_stopped else "")
    cells = {cell.domain: cell for cell in point.cells}
    return {
        "Allowed": Entry(word, "; ".join(text for text in reasons if text)),
        **{
            wording.title(name): _entry(cells[name]) if name in cells else Entry() for name in names
        },
    }


def _entry(cell: BlendCell) -> Entry:
    if math.isnan(cell.change):
        return Entry()
    return Entry(wording.change(cell.change), wording.interval(cell.low, cell.high) or NO_INTERVAL)


def _final(curve: BlendCurve) -> Iterator[FinalRow]:
    after = {cell.domain: cell for cell in curve.after_final}
    for cell in sorted(curve.final, key=lambda cell: (rank(cell.role), loss_first(cell.change))):
        tuned = after.get(cell.domain)
        yield FinalRow(
            label=wording.title(cell.domain),
            n=wording.count(cell.n),
            chosen=_entry(cell),
            chosen_mark=wording.mark_of(cell.verdict),
            after=_entry(tuned) if tuned else Entry(),
            after_mark=wording.mark_of(tuned.verdict) if tuned else None,
        )
