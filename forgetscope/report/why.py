"""Why items were lost: the form of an answer failed, or the answer itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from forgetscope.records import (
    Causes,
    Cell,
    Comparison,
    Estimate,
    FormatClass,
    LikelihoodChange,
    Readings,
    Recovered,
)
from forgetscope.report import wording
from forgetscope.report.table import (
    NO_INTERVAL,
    Entry,
    Table,
    decimal_entry,
    has_interval,
    moved_entry,
    table,
    told,
)
from forgetscope.report.wording import Chip, Mark

__all__ = ["Line", "LossCard", "Segment", "Why", "why"]

_POSSIBLE = " (possibly)"
"""Matching a number or a letter somewhere in an answer may be an accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The lost answers of one class."""

    label: str
    count: str
    share: float
    """Of the lost answers, 0 to 1."""
    is_form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measured thing with its name."""

    label: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCard:
    """What is known of the lost answers of one domain."""

    label: str
    mark: Mark
    chips: tuple[Chip, ...]
    finding: str
    """How many lost their form alone; empty where no written answer was lost."""
    segments: tuple[Segment, ...]
    """Form first; classes without an answer are left out."""
    lines: tuple[Line, ...]

    @property
    def summary(self) -> str:
        """The bar in words."""
        return ", ".join(f"{segment.count} {segment.label}" for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The section: a card per domain with written answers, then what else was probed."""

    cards: tuple[LossCard, ...]
    tables: tuple[Table, ...]


def why(comparison: Comparison, *, order: Sequence[str]) -> Why | None:
    """Return why items were lost, domains in the given order; `None` where nothing is known."""
    cards = [
        card
        for label, cell, _ in told(comparison, lambda f: f.causes or f.readings, order=order)
        if cell.lost and (card := _card(cell, label)).lines
    ]
    tables = [
        _delivered(comparison, order),
        _recovered(comparison, order),
        _likelihood(comparison, order),
    ]
    found = tuple(table for table in tables if table)
    return Why(cards=tuple(cards), tables=found) if cards or found else None


def _card(cell: Cell, label: str) -> LossCard:
    causes, readings = cell.findings.causes, cell.findings.readings
    lines = [*_reading_lines(readings)] if readings else []
    lines += [*_cause_lines(causes)] if causes else []
    return LossCard(
        label=label,
        mark=wording.mark_of(cell.verdict),
        chips=tuple(wording.ADJUNCTS[adjunct] for adjunct in cell.adjuncts),
        finding=wording.lost_by_form(cell),
        segments=_segments(causes) if causes else (),
        lines=tuple(lines),
    )


def _segments(causes: Causes) -> tuple[Segment, ...]:
    total = sum(n for _, n in causes.by_class)
    counted = [(form, n) for form, n in causes.by_class if n]
    return tuple(
        Segment(
            label=str(form) + (_POSSIBLE if form is FormatClass.ELSEWHERE else ""),
            count=wording.count(n),
            share=n / total,
            is_form=form.is_format,
        )
        for form, n in sorted(counted, key=lambda pair: not pair[0].is_format)
    )


def _reading_lines(readings: Readings) -> Iterator[Line]:
    strict, lenient = readings.strict, readings.lenient
    if readings.form.value == 0 and not has_interval(readings.form):  # no item reads differently
        yield from _line("Strict and lenient reading", strict, str(readings.strict_verdict))
        return
    yield from _line("Strict reading", strict, str(readings.strict_verdict))
    yield from _line("Lenient reading", lenient, str(readings.lenient_verdict))
    yield from _line("Due to the form alone", readings.form)


def _line(label: str, estimate: Estimate, verdict: str = "") -> Iterator[Line]:
    entry = moved_entry(estimate)
    if entry.text:
        note = f"{entry.note} · {verdict}" if verdict else entry.note
        yield Line(label=label, entry=Entry(entry.text, note))


def _cause_lines(causes: Causes) -> Iterator[Line]:
    yield from _line("Cut off at the token limit", causes.truncated)
    yield from _line("Without a parsable answer", causes.unparsed)
    if not math.isnan(causes.token_ratio):
        text = f"{causes.token_ratio:.2f} ×"
        yield Line(label="Length of the answers", entry=Entry(text, "median tokens, now over base"))
    before, after = causes.finished_before, causes.finished_after
    if not math.isnan(before + after):
        text = f"{wording.score(before)} → {wording.score(after)}"
        yield Line(label="Score of finished answers", entry=Entry(text, "describes only"))


def _delivered(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _delivered_entries(found))
        for label, _, found in told(comparison, lambda f: f.causes, order=order)
    ]
    note = (
        "Of all written answers, lost or not: base → now. Cut off: the token limit came, or a "
        "thought never ended. Finished and parsed answers are others before and now, so their "
        "score describes only."
    )
    return table("How answers were delivered", rows, note=note)


def _delivered_entries(found: Causes) -> dict[str, Entry]:
    before, after = found.delivery_before, found.delivery_after
    if before is None or after is None:
        return {}
    return {
        "Cut off": _both(before.truncated, after.truncated, wording.percent),
        "Without a parsable answer": _both(before.unparsed, after.unparsed, wording.percent),
        "Median tokens": _both(before.median_tokens, after.median_tokens, _rounded),
        "Score, finished and parsed": _both(
            found.finished_before, found.finished_after, wording.score
        ),
    }


def _both(before: float, after: float, shown: Callable[[float], str]) -> Entry:
    known = [wording.UNDEFINED if math.isnan(n) else shown(n) for n in (before, after)]
    return Entry() if math.isnan(before) and math.isnan(after) else Entry(" → ".join(known))


def _rounded(number: float) -> str:
    return wording.count(round(number))


def _recovered(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _recovered_entries(found))
        for label, _, probes in told(comparison, lambda f: f.recovered or None, order=order)
        for found in probes
    ]
    note = (
        "Lost items were asked again with right answers of the base as examples, or with the "
        "answer begun. What comes back speaks for knowledge that is there but not shown; the "
        "control is what the same help brings to items that were wrong both times. Where few items "
        "that are right both times stay right, the help itself confuses, and what does not come "
        "back says nothing."
    )
    return table("Asked again in other words", rows, note=note)


def _recovered_entries(found: Recovered) -> dict[str, Entry]:
    helped = {"examples": "with examples", "prefix": "with the answer begun"}
    return {
        "Asked": Entry(helped.get(found.kind, wording.one_line(found.kind))),
        "Lost items asked": Entry(wording.count(found.n)),
        "Came back": _percent_entry(found.came_back),
        "Control": _percent_entry(found.control),
        "Stayed right": _percent_entry(found.kept),
    }


def _percent_entry(estimate: Estimate) -> Entry:
    if math.isnan(estimate.value):
        return Entry()
    if not has_interval(estimate):
        return Entry(wording.percent(estimate.value), NO_INTERVAL)
    ends = (wording.percent(min(max(end, 0.0), 1.0)) for end in (estimate.low, estimate.high))
    return Entry(wording.percent(estimate.value), f"[{', '.join(ends)}]")


def _likelihood(comparison: Comparison, order: Sequence[str]) -> Table | None:
    rows = [
        (label, _likelihood_entries(found))
        for label, _, found in told(comparison, lambda f: f.likelihood, order=order)
    ]
    note = (
        "How probable the right answer still is, whatever was chosen or written. This is "
        "evidence, not proof, and never changes a verdict."
    )
    return table("What became of the right answer's likelihood", rows, note=note)


def _likelihood_entries(found: LikelihoodChange) -> dict[str, Entry]:
    return {
        "Items": Entry(wording.count(found.n)),
        "Bits per byte of the right text (more is worse)": decimal_entry(found.gold_bits),
        "Its log-share among the options, nats": decimal_entry(found.gold_log_share),
        "Suggests": Entry(wording.one_line(found.words)),
    }
