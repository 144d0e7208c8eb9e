"""The capability profile: what each domain scores, before and after."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgetscope.records import UNBOUNDED_METRICS, Cell, Diagnosis
from forgetscope.report import wording
from forgetscope.report.axis import Axis, axis_around, plain_text
from forgetscope.report.wording import Mark, Namer

__all__ = ["ScoreRow", "Scores", "scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One domain, scores in points."""

    label: str
    n: str
    before: float
    after: float
    """nan where only the base is known."""
    chance: float
    """Score of a guesser; nan where guessing has no meaning."""
    text: str
    mark: Mark | None
    """Of the verdict; `None` where only the base is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """All domains that are scored in points."""

    finding: str
    """What became of the general domains together, as a sentence without its period."""
    before: str
    after: str
    """Names of the checkpoints; the second is empty where only the base is known."""
    axis: Axis
    rows: tuple[ScoreRow, ...]


def scores(diagnosis: Diagnosis, *, order: Sequence[str], name: Namer) -> Scores | None:
    """Return the profile at the last checkpoint, or of the base alone; `None` without a score."""
    rows = tuple(_compared(diagnosis, order) if diagnosis.comparisons else _alone(diagnosis))
    if not rows:
        return None
    found = [value for row in rows for value in (row.before, row.after, row.chance)]
    last = diagnosis.comparisons[-1].after if diagnosis.comparisons else None
    return Scores(
        finding=_finding(diagnosis, name=name) if last else _extremes(rows),
        before=name(diagnosis.base),
        after=name(last) if last else "",
        axis=axis_around([0.0, *found], title="mean score, points", pad=0.0, text=plain_text),
        rows=rows,
    )


def _compared(diagnosis: Diagnosis, order: Sequence[str]) -> Iterator[ScoreRow]:
    cells = {cell.name: cell for cell in diagnosis.comparisons[-1].domains}
    for cell in (cells[slug] for slug in order):
        if _is_scored(cell) and math.isfinite(cell.after):
            before, after = wording.score(cell.before), wording.score(cell.after)
            yield _row(cell, text=f"{before} → {after}", mark=wording.mark_of(cell.verdict))


def _alone(diagnosis: Diagnosis) -> Iterator[ScoreRow]:
    seen = set()
    for cell in diagnosis.profile:
        # domains come first and bear their own name; a task may be called like its domain
        if cell.name == cell.domain and cell.name not in seen and _is_scored(cell):
            seen.add(cell.name)
            yield _row(cell, text=wording.score(cell.before), mark=None)


def _is_scored(cell: Cell) -> bool:
    return cell.metric not in UNBOUNDED_METRICS and math.isfinite(cell.before)


def _row(cell: Cell, *, text: str, mark: Mark | None) -> ScoreRow:
    return ScoreRow(
        label=wording.title(cell.name),
        n=wording.count(cell.n),
        before=100 * cell.before,
        after=100 * cell.after if mark else math.nan,
        chance=100 * cell.chance,
        text=text,
        mark=mark,
    )


def _finding(diagnosis: Diagnosis, *, name: Namer) -> str:
    last = diagnosis.comparisons[-1]
    overall = last.overall
    if math.isnan(overall.change):
        return f"Scores of {name(diagnosis.base)} and {name(last.after)}"
    moved = f"{wording.change(overall.change)} {wording.interval(overall.low, overall.high)}"
    return (
        f"All general domains together: {wording.score(overall.before)} points before, "
        f"{wording.score(overall.after)} at {name(last.after)}, {moved.strip()}"
    )


def _extremes(rows: Sequence[ScoreRow]) -> str:
    best, least = (pick(rows, key=lambda row: row.before) for pick in (max, min))
    if best is least:
        return f"{best.label} scores {best.text} points"
    strong, weak = (f"{row.label} ({row.text})" for row in (best, least))
    return f"Strongest in {strong}, weakest in {weak}, in points"
