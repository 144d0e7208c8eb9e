"""What confidence is worth, before and after: reliability diagrams and their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.records import Calibration, CalibrationBin, Comparison
from forgetscope.report import wording
from forgetscope.report.axis import Axis
from forgetscope.report.chart import Tick
from forgetscope.report.table import Entry, Table, decimal_entry, table, told
from forgetscope.report.wording import Namer

__all__ = ["BinDot", "Reliability", "ReliabilityPanel", "reliability"]

FEW_ITEMS = 1000
"""Below this many items the calibration error is biased upwards."""

_NAMED = 3
"""Domains named in the finding at most."""

Told = Sequence[tuple[str, Calibration]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinDot:
    """Items of about the same confidence, shares from 0 to 1."""

    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityPanel:
    """One domain: on the diagonal, confidence is worth what it says."""

    label: str
    before: tuple[BinDot, ...]
    after: tuple[BinDot, ...]
    text: str
    """The calibration error of both sides."""
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The section on confidence."""

    finding: str
    """Where confidence is proved to mean less, as a sentence without its period."""
    before: str
    after: str
    """Names of the two checkpoints."""
    confidence: Axis
    accuracy: Axis
    panels: tuple[ReliabilityPanel, ...]
    """Empty where no bins are on record."""
    table: Table | None


def reliability(comparison: Comparison, *, order: Sequence[str], name: Namer) -> Reliability | None:
    """Return what became of confidence, domains in the given order; `None` if it is not known."""
    found = [
        (label, one) for label, _, one in told(comparison, lambda f: f.calibration, order=order)
    ]
    if not found:
        return None
    return Reliability(
        finding=_finding(found),
        before=name(comparison.before),
        after=name(comparison.after),
        confidence=_axis("mean confidence"),
        accuracy=_axis("share that is right"),
        panels=tuple(_panel(label, one) for label, one in found if one.bins_after),
        table=_table(found),
    )


def _finding(found: Told) -> str:
    worse = [label for label, one in found if one.brier.low > 0.0]
    better = [label for label, one in found if one.brier.high < 0.0]
    if worse:
        return f"Confidence is proved to mean less in {_names(worse)}"
    if better:
        return f"Confidence is proved to mean more in {_names(better)}"
    return "No change of what confidence is worth is proved"


def _names(labels: Sequence[str]) -> str:
    if len(labels) > _NAMED:
        return f"{', '.join(labels[:_NAMED])} and {len(labels) - _NAMED} more"
    return " and ".join((", ".join(labels[:-1]), labels[-1])) if labels[1:] else labels[0]


def _axis(title: str) -> Axis:
    ticks = ((0.0, "0"), (0.5, "0.5"), (1.0, "1"))
    # a little room, so that dots at the ends are whole
    found = tuple(Tick(value=value, text=text) for value, text in ticks)
    return Axis(low=-0.04, high=1.04, ticks=found, title=title)


def _panel(label: str, found: Calibration) -> ReliabilityPanel:
    before, after = wording.decimal(found.ece_before), wording.decimal(found.ece_after)
    return ReliabilityPanel(
        label=label,
        before=_dots(found.bins_before),
        after=_dots(found.bins_after),
        text=f"{before} → {after}",
        summary=(
            f"{label}: confidence lies {before} from the share that is right before, {after} after"
        ),
    )


def _dots(bins: Sequence[CalibrationBin]) -> tuple[BinDot, ...]:
    return tuple(BinDot(confidence=one.confidence, accuracy=one.accuracy) for one in bins)


def _table(found: Told) -> Table | None:
    note = (
        "Brier: squared error of the probabilities, more is worse. ECE: how far confidence lies "
        "from the share that is right. AUROC: how well confidence tells right from wrong. "
        "Evidence, not proof: training for instructions often costs calibration and no knowledge."
    )
    if any(one.n < FEW_ITEMS for _, one in found):
        note += f" Below {FEW_ITEMS:,} items ECE is biased upwards."
    rows = [(label, _entries(one)) for label, one in found]
    return table("Brier score, calibration error, ranking", rows, note=note)


def _entries(found: Calibration) -> dict[str, Entry]:
    bias = "biased upwards" if found.n < FEW_ITEMS else ""
    return {
        "Items": Entry(wording.count(found.n)),
        "Brier": decimal_entry(found.brier),
        "ECE": _before_after(found.ece_before, found.ece_after, bias),
        "AUROC": _before_after(found.auroc_before, found.auroc_after, ""),
    }


def _before_after(before: float, after: float, note: str) -> Entry:
    if math.isnan(before) and math.isnan(after):
        return Entry()
    return Entry(f"{wording.decimal(before)} → {wording.decimal(after)}", note)
