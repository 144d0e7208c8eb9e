"""The checkpoint switch: the domain table as it stood at every checkpoint.

Rows keep the places they have at the last checkpoint, because people remember places.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from forgetscope.records import Cell, Comparison, Diagnosis, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow, forest_row
from forgetscope.report.headline import headline
from forgetscope.report.ledger import Ledger
from forgetscope.report.thinning import kept_places
from forgetscope.report.wording import Mark, Namer

__all__ = ["MOST_SEGMENTS", "Choice", "Switch", "switch_of"]

MOST_SEGMENTS = 16
"""With more checkpoints than that a list takes the place of buttons."""

_WORST_FIRST = (
    *(Verdict.FORGOT, Verdict.SLIPPED, Verdict.UNDECIDED),
    *(Verdict.HELD, Verdict.GAINED, Verdict.CANNOT_MEASURE),
)
_ABSENT = Mark(
    word="NOT EVALUATED",
    glyph="–",
    ascii="-",
    tone="ink3",
    is_filled=False,
    meaning="not evaluated at this checkpoint",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The domain table at one checkpoint."""

    name: str
    short: str
    """Its name where the word before it says that it is a step."""
    mark: Mark
    """The worst verdict of a general domain there."""
    headline: str
    rows: tuple[ForestRow, ...]
    """Row by row those of the ledger, tasks below their domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Every checkpoint a reader can choose; the last one is what the page shows first."""

    choices: tuple[Choice, ...]
    has_steps: bool
    """Whether all names are steps."""

    @property
    def is_list(self) -> bool:
        """Whether there are too many for buttons."""
        return len(self.choices) > MOST_SEGMENTS


def switch_of(diagnosis: Diagnosis, ledger: Ledger | None, *, name: Namer) -> Switch | None:
    """Return the choices; `None` where there is one checkpoint or none."""
    if ledger is None or len(diagnosis.comparisons) < 2:
        return None
    places = kept_places(diagnosis.comparisons)
    names = [name(diagnosis.comparisons[place].after) for place in places]
    has_steps = all(text.startswith("step ") for text in names)
    return Switch(
        choices=tuple(
            Choice(
                name=text,
                short=text.removeprefix("step ") if has_steps else text,
                mark=_worst(diagnosis.comparisons[place]),
                headline=_headline(diagnosis, place, name=name),
                rows=_rows(ledger, diagnosis.comparisons[place], margin=diagnosis.margin),
            )
            for place, text in zip(places, names, strict=True)
        ),
        has_steps=has_steps,
    )


def _headline(diagnosis: Diagnosis, place: int, *, name: Namer) -> str:
    until = replace(diagnosis, comparisons=diagnosis.comparisons[: place + 1])
    return headline(until, name=name)


def _worst(comparison: Comparison) -> Mark:
    found = {cell.verdict for cell in comparison.domains if cell.role is Role.GENERAL}
    worst = next((verdict for verdict in _WORST_FIRST if verdict in found), None)
    return wording.mark_of(worst or Verdict.CANNOT_MEASURE)


def _rows(ledger: Ledger, comparison: Comparison, *, margin: float) -> tuple[ForestRow, ...]:
    domains = {(cell.name, cell.name): cell for cell in comparison.domains}
    tasks = {(cell.domain, cell.name): cell for cell in comparison.tasks}
    rows: list[ForestRow] = []
    for row in ledger.rows:
        rows.append(_row(row, domains, (row.name, row.name), margin=margin))
        rows += [_row(task, tasks, (row.name, task.name), margin=margin) for task in row.tasks]
    return tuple(rows)


def _row(
    known: ForestRow,
    cells: Mapping[tuple[str, str], Cell],
    key: tuple[str, str],
    *,
    margin: float,
) -> ForestRow:
    if key in cells:
        return forest_row(cells[key], label=known.label, margin=margin)
    return replace(
        known,
        n="",
        before=wording.UNDEFINED,
        after=wording.UNDEFINED,
        mark=_ABSENT,
        words=_ABSENT.meaning,
        is_drawn=False,
        chips=(),
        remarks=(),
        noise_points=math.nan,
        summary=f"{known.label}: {_ABSENT.meaning}",
        tasks=(),
    )
