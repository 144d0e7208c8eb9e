"""How noisy: what moves by itself, and which items changed sides."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forgetscope.records import (
    UNBOUNDED_METRICS,
    Cell,
    Comparison,
    Findings,
    NoiseFloors,
    PassAtK,
    Repeats,
    Transitions,
)
from forgetscope.report import wording
from forgetscope.report.rerun import nats
from forgetscope.report.table import (
    Entry,
    Table,
    moved_entry,
    share_entry,
    size_entry,
    table,
    told,
)

__all__ = ["noise"]


def noise(comparison: Comparison, *, order: Sequence[str]) -> tuple[Table, ...]:
    """Return the tables of the section, domains in the given order; those without data are out."""
    tables = (
        _floors(comparison, order),
        _sides(comparison, order),
        _repeats(comparison, order),
        _passes(comparison, order),
        _unlike(comparison, order),
    )
    return tuple(found for found in tables if found)


def _floors(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _floor_entries(cell, found))
        for label, cell, found in told(comparison, lambda f: f.noise, order=order)
    ]
    note = (
        "Items: the standard error of the change, other items would have given another one. "
        "Rerun: the base asked again in other batches, with the largest difference between two "
        "log-probabilities of a right text beside it. Steps: neighbouring checkpoints. What was "
        "not measured has no column. A smaller loss than the detectable one is proved less than "
        "four times in five."
    )
    return table("Noise of each kind, and the loss that can be detected, points", rows, note=note)


def _floor_entries(cell: Cell, found: NoiseFloors) -> dict[str, Entry]:
    is_share = cell.metric not in UNBOUNDED_METRICS
    rerun = size_entry(found.rerun, note="of the items change sides")
    return {
        "Items": _size(found.item, cell.metric, "standard error"),
        "Rerun": rerun if is_share else Entry(),
        "Rerun, nat": Entry()
        if math.isnan(found.rerun_nats)
        else Entry(nats(found.rerun_nats), "at most"),
        "Steps": _size(found.step, cell.metric, "standard deviation"),
        "Changed sides beyond a rerun": moved_entry(found.excess) if is_share else Entry(),
        "Detectable loss": _size(cell.detectable, cell.metric, "4 times in 5"),
    }


def _size(value: float, metric: str, note: str) -> Entry:
    return Entry() if math.isnan(value) else Entry(wording.score(value, metric=metric), note)


def _sides(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _side_entries(found, cell.findings))
        for label, cell, found in told(comparison, lambda f: f.transitions, order=order)
    ]
    note = "An average that stands still can hide any number of items that changed sides."
    return table("Items that changed sides, of every hundred", rows, note=note)


def _side_entries(found: Transitions, all_found: Findings) -> dict[str, Entry]:
    kept = all_found.retention
    return {
        "Lost": share_entry(found.lost),
        "Gained": share_entry(found.gained),
        "Changed": share_entry(found.churn),
        "Lost, of those right before": share_entry(found.lost_of_known),
        "Losses, of those changed": share_entry(found.lost_of_changed),
        "Another wrong option, of those wrong twice": share_entry(found.wrong_to_other_wrong),
        "Score now over before": share_entry(kept) if kept else Entry(),
    }


def _repeats(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _repeat_entries(found))
        for label, _, found in told(comparison, lambda f: f.repeats, order=order)
    ]
    note = (
        "Answers drawn at random differ by themselves. The test asks whether items changed more "
        "than sampling explains; the last column is what more samples could still remove."
    )
    return table("Several samples of each answer, points", rows, note=note)


def _repeat_entries(found: Repeats) -> dict[str, Entry]:
    samples = f"{found.samples_before:g} → {found.samples_after:g}"
    return {
        "Samples": Entry(samples, "per item"),
        "Lost": share_entry(found.lost),
        "Gained": share_entry(found.gained),
        "A rerun alone loses": size_entry(found.self_flip),
        "Beyond sampling": _test(found.beyond_sampling_p),
        "Due to sampling": _percent(found.within_share, "of the variance"),
    }


def _passes(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, {f"k = {each.k}": _pass_entry(each) for each in found.passes})
        for label, _, found in told(comparison, lambda f: f.repeats, order=order)
    ]
    note = (
        "pass@k: share of the items of which at least one of k samples is right; k = 1 is the "
        "score. Below it the change, points. A score that rises while pass@k falls is surer of "
        "what it knew, and solves fewer items."
    )
    sizes = sorted({each for _, entries in rows for each in entries}, key=_size_of)
    return table(
        "Right in at least one of k samples",
        [(label, {name: found.get(name, Entry()) for name in sizes}) for label, found in rows],
        note=note,
    )


def _size_of(column: str) -> int:
    return int(column.rpartition(" ")[2])


def _pass_entry(found: PassAtK) -> Entry:
    change = moved_entry(found.change)
    text = f"{wording.score(found.before)} → {wording.score(found.after)}"
    return Entry(text, f"{change.text} {change.note}".strip())


def _unlike(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _unlike_entries(found))
        for label, _, found in told(comparison, _with_tests, order=order)
    ]
    note = "These tests decide ≠ SHIFTED, all domains together (Holm)."
    return table("Same average, different items?", rows, note=note)


def _with_tests(found: Findings) -> Findings | None:
    return found if found.heterogeneity or found.churn else None


def _unlike_entries(found: Findings) -> dict[str, Entry]:
    apart, churn = found.heterogeneity, found.churn
    lost = ", ".join(wording.one_line(name) for name in apart.lost) if apart else ""
    return {
        "More changes than by themselves": _test(churn.excess_p) if churn else Entry(),
        "Tasks unlike": _test(apart.p_value) if apart else Entry(),
        "Q": _statistic(apart.q, apart.degrees) if apart else Entry(),
        "Tasks with a proved loss": Entry(lost),
    }


def _statistic(q: float, degrees: int) -> Entry:
    return (
        Entry()
        if math.isnan(q)
        else Entry(f"{q:.1f}", "1 degree" if degrees == 1 else f"{degrees} degrees")
    )


def _test(p_value: float) -> Entry:
    if math.isnan(p_value):
        return Entry()
    text = wording.p_value(p_value)
    return Entry(f"p < {text[1:]}" if text.startswith("<") else f"p = {text}")


def _percent(share: float, note: str) -> Entry:
    return Entry() if math.isnan(share) else Entry(wording.percent(share), note)
