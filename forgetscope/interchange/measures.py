"""A comparison as named numbers, as trackers plot them.

A key is `forgetting/DOMAIN/MEASURE`; over all general domains the domain is `overall`.

::

    score    score of the checkpoint, as the metric has it
    change   after minus before, better upwards: a loss is negative
    low      lower end of the simultaneous interval of the change
    high     its upper end
    verdict  a code: -2 FORGOT, -1 SLIPPED, 0 UNDECIDED, 1 HELD, 2 GAINED

What is undefined is left out, and so is the code of what cannot be measured: it is never 0.
`forgetting/forgot` is the number of general domains that are FORGOT.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from forgetscope.records import Cell, Checkpoint, Comparison, Diagnosis, Role, Verdict

__all__ = ["TABLE_COLUMNS", "VERDICT_CODES", "Point", "measures_of", "points_of", "table_of"]

PREFIX = "forgetting"
VERDICT_CODES: Mapping[Verdict, int] = MappingProxyType(
    {
        Verdict.FORGOT: -2,
        Verdict.SLIPPED: -1,
        Verdict.UNDECIDED: 0,
        Verdict.HELD: 1,
        Verdict.GAINED: 2,
    }
)
"""Verdicts as numbers, higher is better; `CANNOT MEASURE` has none."""

TABLE_COLUMNS = (
    "step",
    "checkpoint",
    "domain",
    "role",
    "n",
    "before",
    "after",
    "change",
    "low",
    "high",
    "margin",
    "verdict",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a tracker is told of one checkpoint."""

    step: int
    label: str
    values: Mapping[str, float]
    """Finite numbers by their key."""


def measures_of(comparison: Comparison) -> dict[str, float]:
    """Return what one checkpoint changed, by key; see the top of this file."""
    found: dict[str, float] = {}
    for cell in (*comparison.domains, comparison.overall):
        start = f"{PREFIX}/{cell.domain or 'overall'}"
        values = {"score": cell.after, "change": cell.change, "low": cell.low, "high": cell.high}
        found |= {f"{start}/{name}": value for name, value in values.items()}
        if cell.verdict in VERDICT_CODES:
            found[f"{start}/verdict"] = VERDICT_CODES[cell.verdict]
    found[f"{PREFIX}/forgot"] = sum(_is_forgot(cell) for cell in comparison.domains)
    return {key: float(value) for key, value in found.items() if math.isfinite(value)}


def points_of(diagnosis: Diagnosis, checkpoints: Sequence[Checkpoint]) -> tuple[Point, ...]:
    """Return a point per checkpoint, the base first.

    The base stands at its own step or at 0. Where a later checkpoint has no step, or steps do not
    rise, all of them stand at their place in the series: trackers drop what goes back in time.
    """
    steps = steps_of(checkpoints)
    by_label = {comparison.after: comparison for comparison in diagnosis.comparisons}
    found = []
    for checkpoint in checkpoints:
        if checkpoint.label == diagnosis.base:
            values = _base_scores(diagnosis.profile)
        elif checkpoint.label in by_label:
            values = measures_of(by_label[checkpoint.label])
        else:
            continue
        step = steps[checkpoint.label]
        found.append(Point(step=step, label=checkpoint.label, values=values))
    return tuple(found)


def table_of(
    diagnosis: Diagnosis, checkpoints: Sequence[Checkpoint]
) -> list[tuple[str | int | float, ...]]:
    """Return a row per checkpoint and domain, as `TABLE_COLUMNS` names its cells.

    What is undefined is nan.
    """
    steps = steps_of(checkpoints)
    return [
        (steps[comparison.after], comparison.after, *_row(cell))
        for comparison in diagnosis.comparisons
        for cell in (*comparison.domains, comparison.overall)
    ]


def steps_of(checkpoints: Sequence[Checkpoint]) -> dict[str, int]:
    """Return the step of each checkpoint by its label; see `points_of`."""
    base, *later = checkpoints
    steps = [base.step or 0, *(checkpoint.step for checkpoint in later)]
    known = [step for step in steps if step is not None]
    rises = all(before < after for before, after in pairwise(known))
    if len(known) < len(steps) or not rises:
        known = list(range(len(steps)))
    return {checkpoint.label: step for checkpoint, step in zip(checkpoints, known, strict=True)}


def _base_scores(profile: Sequence[Cell]) -> dict[str, float]:
    """Return the scores of the base's domains; its tasks stand behind them under other names."""
    return {
        f"{PREFIX}/{cell.domain}/score": cell.before
        for cell in profile
        if cell.name == cell.domain and math.isfinite(cell.before)
    }


def _row(cell: Cell) -> tuple[str | int | float, ...]:
    span = (cell.before, cell.after, cell.change, cell.low, cell.high, cell.margin)
    return (cell.domain or "overall", str(cell.role), cell.n, *span, str(cell.verdict))


def _is_forgot(cell: Cell) -> bool:
    return cell.role is Role.GENERAL and cell.verdict is Verdict.FORGOT
