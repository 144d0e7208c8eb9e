"""What the items of a study can prove: domain by domain, task by task."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from forgetscope.api.power import Level, held_items, provable
from forgetscope.records import UNBOUNDED_METRICS, Cell, Diagnosis, Policy, Verdict
from forgetscope.statistics import planned_change

__all__ = [
    "DOMAIN",
    "POINTS",
    "TASK",
    "Reach",
    "assumed",
    "by_domain",
    "judged",
    "reach_of_diagnosis",
]

_ALONE = "nothing to compare with"
"""What the row of a base alone says where nothing else is wrong with it."""
_STEP, _WIDEST = 0.001, 0.5
"""Margins are advised in tenths of a point, up to half the scale."""
_NEXT_TO_NONE = 1e-12
"""Share of changed items; none at all has no variance to plan with."""
_POWER = 0.8
"""Of `Cell.detectable`."""
DOMAIN: Literal["domain"] = "domain"
TASK: Literal["task"] = "task"
POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far the items of one domain or task reach."""

    kind: Literal["domain", "task"]
    name: str
    domain: str
    n: int | None
    """Items at hand; `None` where that shows only when the task is loaded."""
    discordance: float
    """Share of items that change sides, either way."""
    is_measured: bool
    """Whether that was measured between base and last checkpoint, or is assumed."""
    margin: float
    detectable: float = math.nan
    """Smallest loss that is proved at the wanted power; nan where nothing can be."""
    holdable: float = math.nan
    """Smallest margin that is proved held, were there no true change, in tenths of a point; nan
    where none up to half the scale is."""
    needed: int | None = None
    """Items that prove the margin, were there no true change; `None` where nothing can be said."""
    with_repeats: float = math.nan
    """Smallest provable loss if every answer were sampled without end; nan if not sampled."""
    unit: str = "points"
    """Of margin and losses: points of shares, or an unbounded metric's own."""
    advice: str = ""
    """What to do about it; empty where the items are enough."""

    @property
    def further(self) -> int | None:
        """Items that are missing."""
        if self.needed is None or self.n is None:
            return None
        return max(self.needed - self.n, 0)


def reach_of_diagnosis(
    diagnosis: Diagnosis, *, policy: Policy, level: Level, discordance: float
) -> tuple[Reach, ...]:
    """Return what the items of a study can prove of its last checkpoint, domain by domain.

    Parameters
    ----------
    diagnosis
        Of the whole series.
    policy
        The one of the diagnosis.
    level
        Its claims are counted anew: rows times checkpoints.
    discordance
        Assumed where there is no checkpoint beside the base.
    """
    n_comparisons = max(len(diagnosis.comparisons), 1)
    domains, tasks = _cells(diagnosis)
    rows = []
    for kind, cells in (DOMAIN, domains), (TASK, tasks):
        shared = replace(level, claims=max(len(cells), 1) * n_comparisons)
        for cell in cells:
            row = Reach(
                kind=kind,
                name=cell.name,
                domain=cell.domain,
                n=cell.n,
                discordance=_discordance(cell) if diagnosis.comparisons else discordance,
                is_measured=bool(diagnosis.comparisons),
                margin=policy.margin_of(cell.domain),
                unit=cell.metric if cell.metric in UNBOUNDED_METRICS else "points",
            )
            rows.append(_of_cell(row, cell, level=shared))
    return by_domain(rows)


def _cells(diagnosis: Diagnosis) -> tuple[Sequence[Cell], Sequence[Cell]]:
    """Return the cells of the domains and of the tasks: of the last checkpoint, or of the base."""
    if diagnosis.comparisons:
        return diagnosis.comparisons[-1].domains, diagnosis.comparisons[-1].tasks
    # the profile holds a cell per domain, then one per task
    n_domains = len({cell.domain for cell in diagnosis.profile})
    return diagnosis.profile[:n_domains], diagnosis.profile[n_domains:]


def _discordance(cell: Cell) -> float:
    """Return the share of items that changed, at least what one more would make of it."""
    changed = cell.lost + cell.gained
    return max(changed / cell.n if cell.n else 0.0, (1 + changed) / (cell.n + 2))


def _of_cell(row: Reach, cell: Cell, *, level: Level) -> Reach:
    reason = cell.reason if cell.verdict is Verdict.CANNOT_MEASURE else ""
    if reason and reason != _ALONE:
        return replace(row, advice=f"cannot be measured: {reason}")
    if not row.is_measured:
        return assumed(row, level=level)
    if math.isnan(cell.detectable):
        return replace(row, advice=f"{cell.metric} is no mean of items: there is no plan for it")
    if cell.detectable == 0.0:  # nothing changed: one item more than none is planned for
        return judged(row, level=level)
    # how many times fewer the items are worth than separate 0/1 answers: sources that several
    # share, weights, fractional scores, and what the joint level asks less than Bonferroni's
    plain = planned_change(cell.n, row.discordance, alpha=level.alpha_each, power=_POWER)
    repeats = cell.findings.repeats
    within = math.nan if repeats is None else repeats.within_share
    return judged(row, level=level, effect=(cell.detectable / plain) ** 2, within=within)


def assumed(row: Reach, *, level: Level) -> Reach:
    """Return the row of what was not measured yet; only changed sides can be assumed."""
    if row.unit != POINTS:
        return replace(row, advice=f"{row.unit} has no sides that an item could change")
    return judged(row, level=level)


def judged(row: Reach, *, level: Level, effect: float = 1.0, within: float = math.nan) -> Reach:
    """Return the row with its smallest provable loss, the items it needs, and advice.

    Parameters
    ----------
    row
        Its items, and how many of them change.
    level
        How surely.
    effect
        How many times fewer the items are worth than separate 0/1 answers.
    within
        Share of the variance of the change that more samples would remove; nan if not sampled.
    """
    needed = _needed(row, row.margin, level=level, effect=effect)
    if row.n is None:
        return replace(row, needed=needed, advice="no limit: its items are counted when it is run")
    if row.unit == POINTS:
        detectable = provable(row.n, row.discordance, level=level, effect=effect)
    else:
        detectable = _reach_of_one(level) * math.sqrt(effect * row.discordance / row.n)
    found = replace(
        row,
        detectable=detectable,
        holdable=_holdable(row, level=level, effect=effect),
        needed=needed,
        with_repeats=detectable * math.sqrt(1.0 - within),
    )
    return replace(found, advice=_advice(found, level=level))


def _needed(row: Reach, margin: float, *, level: Level, effect: float) -> int | None:
    if row.unit != POINTS:
        return math.ceil(effect * row.discordance * (_reach_of_one(level) / margin) ** 2)
    items = held_items(row.discordance, margin=margin, level=level)
    return None if items is None else math.ceil(effect * items)


def _reach_of_one(level: Level) -> float:
    """Return how many standard errors a loss must measure to be proved."""
    return planned_change(1, 1.0, alpha=level.alpha_each, power=level.power)


def _advice(row: Reach, *, level: Level) -> str:
    """Return what a person can do where the items are too few; empty where they are enough."""
    if row.n is None or not row.further:
        return ""
    margin = _size(row.margin, row.unit)
    fewest = held_items(_NEXT_TO_NONE, margin=row.margin, level=level)
    if row.unit == POINTS and fewest is not None and fewest > row.n:
        pooled = "add items or tasks" if row.kind == DOMAIN else "judge it within its domain"
        start = f"{row.n:,} items cannot prove {margin} even if none changes: {pooled}"
    else:
        start = f"needs {row.further:,} more items"
    wide = row.holdable
    words = start if math.isnan(wide) else f"{start}, or take a margin of {_size(wide, row.unit)}"
    if row.with_repeats <= row.margin:
        return f"{words}, or sample each answer more often"
    if not math.isnan(row.with_repeats):
        return f"{words}; more samples reach {_size(row.with_repeats, row.unit)} at best"
    return words


def _holdable(row: Reach, *, level: Level, effect: float) -> float:
    """Return the smallest margin, in tenths of a point, that the items at hand prove held."""
    if row.unit != POINTS or row.n is None:
        return math.nan
    n = row.n

    def is_held(tenths: int) -> bool:
        needed = _needed(row, tenths * _STEP, level=level, effect=effect)
        return needed is not None and needed <= n

    # what holds a margin holds every wider one
    margins = range(1, round(_WIDEST / _STEP) + 1)
    place = bisect_left(margins, True, key=is_held)
    return margins[place] * _STEP if place < len(margins) else math.nan


def _size(value: float, unit: str) -> str:
    return f"{100 * value:.1f} points" if unit == POINTS else f"{value:.3g} {unit}"


def by_domain(rows: Sequence[Reach]) -> tuple[Reach, ...]:
    """Put each domain before its tasks."""
    order = {row.name: place for place, row in enumerate(rows) if row.kind == DOMAIN}
    return tuple(sorted(rows, key=lambda row: (order[row.domain], row.kind != DOMAIN)))
