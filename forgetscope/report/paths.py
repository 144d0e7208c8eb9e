"""The path of each domain through the series, as one table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from forgetscope.records import UNBOUNDED_METRICS, Course, Diagnosis
from forgetscope.report import wording
from forgetscope.report.table import Entry, Table, has_interval, moved_entry, table
from forgetscope.report.wording import Namer

__all__ = ["course_sentence", "paths"]


NOTE = (
    "Proved drops, onsets and recoveries hold together for all domains and for every checkpoint "
    "they could have been picked from; trend and run level hold one by one. Best score minus last "
    "is biased upwards: of many scores the best was also lucky. Fully recovered means proved to be "
    "within the margin. Trend is the change per unit of log(step + 1). Run level is the mean of "
    "the last checkpoints, up to three, against the base, told where step noise is known."
)


def paths(diagnosis: Diagnosis, *, order: Sequence[str], name: Namer) -> Table | None:
    """Return how each domain went, domains in the given order; `None` without courses."""
    metrics = _metrics(diagnosis)
    by_domain = {course.domain: course for course in diagnosis.courses}
    rows = [
        (wording.title(slug), _entries(by_domain[slug], metric=metrics.get(slug, ""), name=name))
        for slug in order
        if slug in by_domain
    ]
    return table("Drops, recoveries and trends, points", rows, note=NOTE)


def course_sentence(course: Course, *, metric: str, name: Namer) -> str:
    """Return what is proved about the way of a domain in one line; empty where nothing is."""
    parts = []
    if course.onset is not None:
        parts.append(f"lost from {name(course.onset)} on")
    if course.worst_drop.low > 0:
        least = wording.score(course.worst_drop.low, metric=metric)
        unit = wording.one_line(metric) if metric in UNBOUNDED_METRICS else "points"
        parts.append(f"proven drop from {name(course.worst)} of at least {least} {unit}")
    if parts and course.recovery is not None:
        parts.append(f"recovered {_extent(course)} at {name(course.recovery)}")
    return f"{wording.title(course.domain)}: {'; '.join(parts)}" if parts else ""


def _metrics(diagnosis: Diagnosis) -> Mapping[str, str]:
    cells = diagnosis.comparisons[-1].domains if diagnosis.comparisons else ()
    return {cell.name: cell.metric for cell in cells}


def _entries(course: Course, *, metric: str, name: Namer) -> dict[str, Entry]:
    return {
        "Proved drop": _drop(course, metric=metric, name=name),
        "Best minus last": _naive(course, metric=metric),
        "Lost from": Entry(name(course.onset) if course.onset is not None else ""),
        "Recovered": _recovery(course, name=name),
        "Trend": moved_entry(course.trend, metric=metric),
        "Run level": _run_level(course, metric=metric),
        "Step noise": _size(course.step_noise, metric, note="standard deviation"),
        "Advised margin": _size(course.advised_margin, metric),
    }


def _drop(course: Course, *, metric: str, name: Namer) -> Entry:
    drop = course.worst_drop
    if math.isnan(drop.value):
        return Entry()
    if drop.value <= 0:
        return Entry("none", "nothing was higher before")
    seen = f"{wording.score(drop.value, metric=metric)} from {name(course.worst)}"
    if drop.low > 0:
        return Entry(f"at least {wording.score(drop.low, metric=metric)}", f"measured: {seen}")
    return Entry("none", f"measured: {seen}, not proved")


def _naive(course: Course, *, metric: str) -> Entry:
    return _size(course.naive_drop, metric, note="biased upwards")


def _run_level(course: Course, *, metric: str) -> Entry:
    """Return the run level where the noise between steps is known: it has no interval else."""
    if not has_interval(course.run_level):
        return Entry()
    return moved_entry(course.run_level, metric=metric)


def _recovery(course: Course, *, name: Namer) -> Entry:
    if course.recovery is None:
        return Entry()
    lowest = "" if course.trough is None else f"lowest at {name(course.trough)}"
    return Entry(f"{_extent(course)} at {name(course.recovery)}", lowest)


def _extent(course: Course) -> str:
    return "fully" if course.is_full_recovery else "in part"


def _size(value: float, metric: str, *, note: str = "") -> Entry:
    return Entry() if math.isnan(value) else Entry(wording.score(value, metric=metric), note)
