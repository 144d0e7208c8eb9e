"""The domain table: every domain at the last checkpoint, in groups that are never averaged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from forgetscope.records import Cell, Comparison, Diagnosis, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow, Scale, forest_row, forest_scale
from forgetscope.report.wording import Namer

__all__ = ["GROUP_TITLES", "Group", "Ledger", "domain_row", "ledger_of"]

GROUP_TITLES = (
    (Role.GENERAL, "General: what could be lost"),
    (Role.WATCH, "Watched: shown and tested, not in the gate"),
    (Role.TARGET, "Target: what was trained for"),
)
_UNMEASURED_TITLE = "Not measurable: no verdict is possible, and no claim is made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Domains that belong together; groups are never averaged with each other."""

    title: str
    rows: tuple[ForestRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All domains at one checkpoint."""

    checkpoint: str
    groups: tuple[Group, ...]
    scale: Scale
    widest_share: float
    """Largest share of lost or gained items: the length of the longest item bar."""

    @property
    def has_noise(self) -> bool:
        """Whether the noise is known for any row that is drawn."""
        return any(row.is_drawn and not math.isnan(row.noise_points) for row in self.rows)

    @property
    def has_expected(self) -> bool:
        """Whether it is known of any row that is drawn what a rerun would lose and gain."""
        return any(row.is_drawn and not math.isnan(row.expected_share) for row in self.rows)

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """Every domain row, group by group."""
        return tuple(row for group in self.groups for row in group.rows)


def ledger_of(diagnosis: Diagnosis, *, name: Namer) -> Ledger | None:
    """Return the domains at the last checkpoint; `None` where only a base exists."""
    if not diagnosis.comparisons:
        return None
    last = diagnosis.comparisons[-1]
    groups = _groups(last, margin=diagnosis.margin)
    # one scale for all checkpoints: whoever switches between them sees marks move, not the paper
    rows = [row for one in diagnosis.comparisons for row in _rows(one, margin=diagnosis.margin)]
    drawn = [*rows, *(task for row in rows for task in row.tasks)]
    shares = [s for row in rows if row.is_drawn for s in (row.lost_share, row.gained_share)]
    return Ledger(
        checkpoint=name(last.after),
        groups=groups,
        scale=forest_scale(drawn, margin=diagnosis.margin),
        widest_share=max(shares, default=0.0),
    )


def _rows(comparison: Comparison, *, margin: float) -> Iterator[ForestRow]:
    for group in _groups(comparison, margin=margin):
        yield from group.rows


def _groups(comparison: Comparison, *, margin: float) -> tuple[Group, ...]:
    """Return the domains by role, largest loss first, what cannot be measured last."""
    cells = sorted(comparison.domains, key=lambda cell: (_loss_first(cell), cell.name))
    measured = [cell for cell in cells if cell.verdict is not Verdict.CANNOT_MEASURE]
    parts = [
        (title, [cell for cell in measured if cell.role is role]) for role, title in GROUP_TITLES
    ]
    parts.append((_UNMEASURED_TITLE, [cell for cell in cells if cell not in measured]))

    def row(cell: Cell) -> ForestRow:
        return domain_row(cell, comparison.tasks, margin=margin)

    return tuple(Group(title=title, rows=tuple(map(row, part))) for title, part in parts if part)


def domain_row(cell: Cell, tasks: Iterable[Cell], *, margin: float = math.nan) -> ForestRow:
    """Return the row of a domain with the rows of its tasks below it, largest loss first."""
    own = sorted(
        (t for t in tasks if t.domain == cell.name), key=lambda t: (_loss_first(t), t.name)
    )
    rows = [forest_row(task, label=wording.one_line(task.name), margin=margin) for task in own]
    return forest_row(cell, label=wording.title(cell.name), tasks=rows, margin=margin)


def _loss_first(cell: Cell) -> float:
    return math.inf if math.isnan(cell.change) else cell.change
