"""Domain by domain in several studies: what each did, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import UNBOUNDED_METRICS, Cell, Comparison, Verdict
from forgetscope.report import wording
from forgetscope.report.dumbbell import DumbbellRow
from forgetscope.report.ledger import GROUP_TITLES
from forgetscope.report.runs import Run
from forgetscope.report.study_result import StudyResult
from forgetscope.report.table import NO_INTERVAL, Entry
from forgetscope.report.wording import Chip, Mark

__all__ = [
    "StudyCell",
    "StudyGroup",
    "StudyRow",
    "Versus",
    "groups_of",
    "moved",
    "order_of",
    "versus_of",
]

_VERSUS_NOTE = (
    "The last checkpoints answered the same items, so what lies between two studies is taken item "
    "by item, like any change. Intervals hold for all domains of a column together. Studies of one "
    "seed each tell nothing about other seeds."
)


def _mark(word: str, glyph: str, letter: str, tone: str, meaning: str) -> Mark:
    return Mark(word=word, glyph=glyph, ascii=letter, tone=tone, is_filled=True, meaning=meaning)


# lower case: these are no verdicts
_BETTER = _mark("better", "▲", "^", "gain", "proved to score more than the first study")
_WORSE = _mark("worse", "▼", "v", "loss", "proved to score less than the first study")
_OPEN = _mark("open", "◇", "?", "ink3", "the interval holds zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCell:
    """One domain in one study."""

    entry: Entry
    mark: Mark | None
    """`None` where the study has no such domain."""
    chips: tuple[Chip, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One domain in all studies."""

    label: str
    n: str
    cells: tuple[StudyCell, ...]
    bell: DumbbellRow | None
    """Where every study ended, as marks; `None` where nothing can be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyGroup:
    """Domains of one role."""

    title: str
    rows: tuple[StudyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """Every further study against the first."""

    title: str
    note: str
    columns: tuple[Run, ...]
    rows: tuple[StudyRow, ...]


def order_of(results: Sequence[StudyResult]) -> list[str]:
    """Return the domains of all studies, the largest loss in any of them first."""
    lowest: dict[str, float] = {}
    for result in results:
        for cell in result.last.domains:
            # nan compares as false: what cannot be measured keeps its place at the end
            known = lowest.setdefault(cell.name, float("inf"))
            lowest[cell.name] = cell.change if cell.change < known else known
    return sorted(lowest, key=lambda slug: (lowest[slug], slug))


def groups_of(
    results: Sequence[StudyResult], order: Sequence[str], drawn: Mapping[str, DumbbellRow]
) -> Iterator[StudyGroup]:
    """Yield the domains by role; `drawn` are the marks of those that can be drawn, by label."""
    by_name = [{cell.name: cell for cell in result.last.domains} for result in results]
    roles = {slug: _first(slug, by_name).role for slug in order}
    for role, title in GROUP_TITLES:
        slugs = [slug for slug in order if roles[slug] is role]
        if slugs:
            rows = tuple(_row(slug, by_name, drawn) for slug in slugs)
            yield StudyGroup(title=title, rows=rows)


def _row(
    slug: str, by_name: Sequence[Mapping[str, Cell]], drawn: Mapping[str, DumbbellRow]
) -> StudyRow:
    label = wording.title(slug)
    sizes = dict.fromkeys(wording.count(cells[slug].n) for cells in by_name if slug in cells)
    return StudyRow(
        label=label,
        n=" / ".join(sizes),
        cells=tuple(_cell(cells.get(slug)) for cells in by_name),
        bell=drawn.get(label),
    )


def _cell(cell: Cell | None) -> StudyCell:
    if cell is None:
        return StudyCell(entry=Entry(wording.UNDEFINED, "not evaluated"), mark=None)
    words = wording.verdict_words(cell)
    entry = moved(cell)
    if cell.verdict is Verdict.CANNOT_MEASURE:
        entry = Entry("", words)
    return StudyCell(
        entry=entry,
        mark=wording.mark_of(cell.verdict),
        chips=tuple(wording.ADJUNCTS[adjunct] for adjunct in cell.adjuncts),
        hint=words,
    )


def versus_of(
    results: Sequence[StudyResult], runs: Mapping[str, Run], order: Sequence[str]
) -> Versus | None:
    """Return the paired difference of every further study from the first, per domain."""
    first, *others = results
    known = [other for other in others if other.versus_first is not None]
    if not known:
        return None
    rows = []
    for slug in (None, *order):
        cells = [_found(other.versus_first, slug) for other in known]
        sizes = dict.fromkeys(wording.count(cell.n) for cell in cells if cell)
        label = "All general domains" if slug is None else wording.title(slug)
        differences = tuple(map(_difference, cells))
        rows.append(StudyRow(label=label, n=" / ".join(sizes), cells=differences, bell=None))
    return Versus(
        title=f"How far from {runs[first.name].name}",
        note=_VERSUS_NOTE,
        columns=tuple(runs[other.name] for other in known),
        rows=tuple(rows),
    )


def _found(comparison: Comparison | None, slug: str | None) -> Cell | None:
    if comparison is None:
        return None
    if slug is None:
        return comparison.overall
    return next((cell for cell in comparison.domains if cell.name == slug), None)


def _difference(cell: Cell | None) -> StudyCell:
    if cell is None:
        return StudyCell(entry=Entry(wording.UNDEFINED, "not evaluated"), mark=None)
    if cell.verdict is Verdict.CANNOT_MEASURE:
        return StudyCell(entry=Entry("", wording.verdict_words(cell)), mark=None)
    mark = _BETTER if cell.low > 0 else _WORSE if cell.high < 0 else _OPEN
    return StudyCell(entry=moved(cell), mark=mark, hint=mark.meaning)


def _first(slug: str, by_name: Sequence[Mapping[str, Cell]]) -> Cell:
    return next(cells[slug] for cells in by_name if slug in cells)


def moved(cell: Cell) -> Entry:
    """Return a change with its interval; empty where it is undefined."""
    change = wording.change(cell.change, metric=cell.metric)
    if change == wording.UNDEFINED:
        return Entry()
    span = wording.interval(cell.low, cell.high, metric=cell.metric) or NO_INTERVAL
    unit = f" {wording.one_line(cell.metric)}" if cell.metric in UNBOUNDED_METRICS else ""
    return Entry(change, f"{span}{unit}")
