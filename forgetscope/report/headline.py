"""The first sentences of a report: the conclusion, built from counts, and what stands behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.records import (
    UNBOUNDED_METRICS,
    Cell,
    Comparison,
    Diagnosis,
    GateResult,
    Role,
    Verdict,
)
from forgetscope.report import wording
from forgetscope.report.wording import Namer

__all__ = ["Fact", "Pill", "Span", "facts", "gate_pill", "headline", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a sentence."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """What the gate says, in a few words."""

    text: str
    tone: str
    """Name of a colour in `theme.TOKENS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One large figure with its name and a note."""

    label: str
    value: str
    note: str


def headline(diagnosis: Diagnosis, *, name: Namer) -> str:
    """Return the conclusion about the last checkpoint."""
    if not diagnosis.comparisons:
        return f"The capability profile of {name(diagnosis.base)}"
    last = diagnosis.comparisons[-1]
    measured = _measured(last)
    step = name(last.after)
    if not measured:
        return f"Nothing general could be compared at {step}"
    forgot = [cell for cell in measured if cell.verdict is Verdict.FORGOT]
    if forgot:
        return f"{_capital(step)} forgot {_part(forgot, measured)}"
    slipped = [cell for cell in measured if cell.verdict is Verdict.SLIPPED]
    if slipped:
        return f"No confirmed forgetting at {step}; {_those(slipped)} slipped"
    undecided = [cell for cell in measured if cell.verdict is Verdict.UNDECIDED]
    if undecided:
        return f"No forgetting found at {step}; {_those(undecided)} {_be(undecided)} undecided"
    return f"No forgetting found at {step}: {_all(measured)} held"


def summary(diagnosis: Diagnosis, *, name: Namer) -> tuple[Span, ...]:
    """Return the sentences below the conclusion: the largest loss, then the last clean step."""
    if not diagnosis.comparisons:
        text = "One checkpoint was evaluated, so there is nothing to compare yet."
        return (Span(text=text),)
    last = diagnosis.comparisons[-1]
    return (*_largest_loss(last), Span(text=" "), *_clean_until(diagnosis, name=name))


def gate_pill(gate: GateResult) -> Pill:
    """Return the gate's word and its exit code."""
    if gate.exit_code == 1:
        return Pill(text="Gate failed · exit code 1", tone="loss")
    if not gate.passed:
        return Pill(text=f"Gate undecided · exit code {gate.exit_code}", tone="undecided")
    if gate.warnings:
        return Pill(text="Gate passed with warnings · exit code 0", tone="undecided")
    return Pill(text="Gate passed · exit code 0", tone="gain")


def facts(diagnosis: Diagnosis, *, name: Namer) -> tuple[Fact, ...]:
    """Return the figures under the conclusion; what was not measured is left out."""
    if not diagnosis.comparisons:
        return ()
    last = diagnosis.comparisons[-1]
    overall = last.overall
    found = [_change_fact("All general domains", overall, note="")]
    found += [
        _change_fact("Target", cell, note=f"{wording.title(cell.name)} ")
        for cell in last.domains
        if cell.role is Role.TARGET
    ][:1]
    lost, gained = wording.count(overall.lost), wording.count(overall.gained)
    of = f"of {wording.count(overall.n)} general items"
    found.append(Fact(label="Items lost / gained", value=f"{lost} / {gained}", note=of))
    return (*found, _clean_fact(diagnosis, name=name))


def _change_fact(label: str, cell: Cell, *, note: str) -> Fact:
    span = wording.interval(cell.low, cell.high, metric=cell.metric)
    words = span or wording.verdict_words(cell)
    value = wording.change(cell.change, metric=cell.metric)
    return Fact(label=label, value=value, note=f"{note}{words}".strip())


def _clean_fact(diagnosis: Diagnosis, *, name: Namer) -> Fact:
    label = "Last clean checkpoint"
    if _has_clean(diagnosis):
        note = "nothing FORGOT or SLIPPED up to there"
        return Fact(label=label, value=name(diagnosis.last_clean or ""), note=note)
    return Fact(label=label, value="none", note="a loss is proved at the first checkpoint")


def _has_clean(diagnosis: Diagnosis) -> bool:
    return diagnosis.last_clean not in (None, diagnosis.base)


def _largest_loss(comparison: Comparison) -> tuple[Span, ...]:
    # a change in another unit cannot be the largest number of points
    measured = [cell for cell in _measured(comparison) if cell.metric not in UNBOUNDED_METRICS]
    if not measured:
        return (Span(text="No general domain gave a measurement in points."),)
    worst = min(measured, key=lambda cell: cell.change)
    text = f"{wording.title(worst.name)}, {wording.change(worst.change)} points"
    span = wording.interval(worst.low, worst.high)
    proved = worst.verdict in (Verdict.FORGOT, Verdict.SLIPPED)
    opening = "The largest loss is " if proved else "The lowest change is "
    return (Span(text=opening), Span(text=text, is_strong=True), Span(text=f" {span}."))


def _clean_until(diagnosis: Diagnosis, *, name: Namer) -> tuple[Span, ...]:
    last = diagnosis.comparisons[-1]
    if _has_clean(diagnosis):
        label = diagnosis.last_clean or ""
        where = name(label)
        if label == last.after:
            return (Span(text="The last checkpoint is clean"), *_target_at(diagnosis, label))
        opening = Span(text="The last clean checkpoint is ")
        return (opening, Span(text=where, is_strong=True), *_target_at(diagnosis, label))
    unforgotten = _last_without_forgetting(diagnosis)
    if unforgotten is None:
        text = "No checkpoint is clean: something was FORGOT from the first one on."
        return (Span(text=text),)
    opening = Span(text="Something had slipped at the first checkpoint; nothing was FORGOT up to ")
    found = Span(text=name(unforgotten), is_strong=True)
    return (opening, found, *_target_at(diagnosis, unforgotten))


def _target_at(diagnosis: Diagnosis, label: str) -> tuple[Span, ...]:
    """Return the end of the sentence: what the target had gained by then, if there is a target."""
    comparison = next(found for found in diagnosis.comparisons if found.after == label)
    targets = [
        cell
        for cell in comparison.domains
        if cell.role is Role.TARGET and not math.isnan(cell.change)
    ]
    if not targets:
        return (Span(text="."),)
    target = targets[0]
    span = wording.interval(target.low, target.high, metric=target.metric)
    moved = wording.change(target.change, metric=target.metric)
    stood = f"{wording.title(target.name)} stood at {moved} {span}".strip()
    return (Span(text=f", where {stood}."),)


def _last_without_forgetting(diagnosis: Diagnosis) -> str | None:
    """Return the latest label up to which no general domain was FORGOT."""
    label = None
    for comparison in diagnosis.comparisons:
        if any(cell.verdict is Verdict.FORGOT for cell in _measured(comparison)):
            break
        label = comparison.after
    return label


def _measured(comparison: Comparison) -> list[Cell]:
    return [
        cell
        for cell in comparison.domains
        if cell.role is Role.GENERAL and cell.verdict is not Verdict.CANNOT_MEASURE
    ]


def _part(some: Sequence[Cell], of: Sequence[Cell]) -> str:
    if len(of) == 1:
        return wording.title(some[0].name)
    if len(some) == len(of):
        return _all(of)
    return f"{wording.number_word(len(some))} of {wording.number_word(len(of))} general domains"


def _those(cells: Sequence[Cell]) -> str:
    if len(cells) == 1:
        return wording.title(cells[0].name)
    return f"{wording.number_word(len(cells))} domains"


def _be(cells: Sequence[Cell]) -> str:
    return "is" if len(cells) == 1 else "are"


def _all(cells: Sequence[Cell]) -> str:
    if len(cells) == 1:
        return wording.title(cells[0].name)
    number = "both" if len(cells) == 2 else f"all {wording.number_word(len(cells))}"
    return f"{number} general domains"


def _capital(text: str) -> str:
    # a label is a name and keeps its letters; only our own word starts the sentence large
    return f"Step {text.removeprefix('step ')}" if text.startswith("step ") else text
