"""Several studies in one view: what every recipe kept, lost and gained, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forgetscope.diagnosis import rival_of
from forgetscope.records import (
    UNBOUNDED_METRICS,
    Cell,
    Checkpoint,
    Comparison,
    Diagnosis,
    Role,
    Training,
    Verdict,
)
from forgetscope.records.display import Displayed
from forgetscope.report import wording
from forgetscope.report.dumbbell import Dumbbell, DumbbellRow, dumbbell
from forgetscope.report.headline import Pill, gate_pill
from forgetscope.report.ledger import GROUP_TITLES
from forgetscope.report.runs import Run, runs_of
from forgetscope.report.table import NO_INTERVAL, Entry
from forgetscope.report.trade import TradeOff, trade_off
from forgetscope.report.view import TallyRow, checkpoint_names
from forgetscope.report.wording import Chip, Mark

__all__ = [
    "SettingRow",
    "StudiesView",
    "StudyCell",
    "StudyColumn",
    "StudyGroup",
    "StudyResult",
    "StudyRow",
    "Versus",
]

_FEW = 4
"""Studies that the headline names one by one."""

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
class StudyResult:
    """One study, diagnosed: what the view is made of."""

    name: str
    """What it is called; a method's name is written as people write it."""
    diagnosis: Diagnosis
    checkpoints: tuple[Checkpoint, ...] = ()
    versus_first: Comparison | None = None
    """Its last checkpoint against that of the first study; `None` where they share no items."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What has to be equal for a fair comparison, by name."""
    own: Mapping[str, str] = field(default_factory=dict)
    """What is its own: its folder, its weights, its command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyColumn:
    """One study at its last checkpoint."""

    run: Run
    checkpoint: str
    gate: Pill
    tally: tuple[TallyRow, ...]
    target: Entry
    """Change of the target; empty where there is none."""
    general: Entry
    """Change over all general items."""
    clean: str
    """Last clean checkpoint."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting in all studies."""

    name: str
    values: tuple[str, ...]
    differs: bool
    """Whether it differs and should not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudiesView(Displayed):
    """What every backend shows of several studies."""

    headline: str
    summary: str
    target: str
    """Name of the target domain; empty where there is none."""
    columns: tuple[StudyColumn, ...]
    groups: tuple[StudyGroup, ...]
    bell: Dumbbell | None
    trade: TradeOff | None
    versus: Versus | None
    """Every further study against the first, item by item."""
    settings: tuple[SettingRow, ...]
    warnings: tuple[str, ...]
    margin: str
    alpha: str
    command: str

    @classmethod
    def of(
        cls, results: Sequence[StudyResult], *, warnings: Sequence[str] = (), command: str = ""
    ) -> StudiesView:
        """Return the view of two or more studies, each with at least one checkpoint to judge.

        Parameters
        ----------
        results
            The studies; the first is what the others are set against.
        warnings
            What has to be known before they are compared.
        command
            What was called to compare them.
        """
        first = results[0]
        runs = runs_of(result.name for result in results)
        training = _as_rivals(results)
        name = checkpoint_names(first.checkpoints)
        order = _order(results)
        bell = dumbbell(first.diagnosis, training, order=order, name=name)
        trade = trade_off(first.diagnosis, training, checkpoints=first.checkpoints, name=name)
        drawn = {row.label: row for row in bell.rows} if bell else {}
        return cls(
            headline=_headline(results, runs),
            summary=_summary(results, runs),
            target=next((wording.title(cell.name) for cell in _targets(results)), ""),
            columns=tuple(_column(result, runs[result.name]) for result in results),
            groups=tuple(_groups(results, order, drawn)),
            bell=bell,
            trade=trade,
            versus=_versus(results, runs, order),
            settings=tuple(_settings(results)),
            warnings=tuple(wording.one_line(text) for text in warnings),
            margin=wording.points(first.diagnosis.margin),
            alpha=f"{100 * first.diagnosis.alpha:g}",
            command=wording.clean(command),
        )


def _as_rivals(results: Sequence[StudyResult]) -> Training:
    """Return the further studies as rivals of the first, as the charts of a report draw them."""
    first, *others = results
    rivals = (
        rival_of(other.diagnosis, method=other.name, checkpoints=other.checkpoints)
        for other in others
    )
    return Training(method=first.name, rule="", seed=0, steps=0, seconds=0.0, rivals=tuple(rivals))


def _headline(results: Sequence[StudyResult], runs: Mapping[str, Run]) -> str:
    """Return how many general domains each study forgot, without a period."""
    judged = [_general(result) for result in results]
    forgot = [sum(c.verdict is Verdict.FORGOT for c in cells) for cells in judged]
    sizes = {len(cells) for cells in judged}
    of = f"Of {wording.number_word(sizes.pop())} general domains" if len(sizes) == 1 else "In all"
    if len(results) > _FEW:
        least, most = (_how_many(n) for n in (min(forgot), max(forgot)))
        number = wording.number_word(len(results))
        span = least if least == most else f"between {least} and {most}"
        return f"{of} {number} studies forgot {span} each"
    told = [
        f"{runs[result.name].name}{'' if place else ' forgot'} {_how_many(n)}"
        for place, (result, n) in enumerate(zip(results, forgot, strict=True))
    ]
    return f"{of} {', '.join(told)}"


def _how_many(number: int) -> str:
    return wording.number_word(number) if number else "none"


def _summary(results: Sequence[StudyResult], runs: Mapping[str, Run]) -> str:
    """Return what the count of the headline does not say: where nothing is proved either way."""
    open_ = [
        (runs[result.name].name, sum(c.verdict is Verdict.UNDECIDED for c in _general(result)))
        for result in results
    ]
    text = (
        "Forgot means a proven loss of at least the margin, at the last checkpoint of each study "
        "and against its own base."
    )
    told = [f"{name} {wording.number_word(n)}" for name, n in open_ if n]
    return f"{text} Not proved either way: {', '.join(told)}." if told else text


def _column(result: StudyResult, run: Run) -> StudyColumn:
    diagnosis, last = result.diagnosis, _last(result)
    name = checkpoint_names(result.checkpoints)
    counts = Counter(cell.verdict for cell in last.domains if cell.role is Role.GENERAL)
    clean = diagnosis.last_clean
    targets = [cell for cell in last.domains if cell.role is Role.TARGET]
    return StudyColumn(
        run=run,
        checkpoint=name(last.after),
        gate=gate_pill(diagnosis.gate),
        tally=tuple(TallyRow(mark=mark, n=counts[v]) for v, mark in wording.MARKS.items()),
        target=_moved(targets[0]) if targets else Entry(),
        general=_moved(last.overall),
        clean="none" if clean in (None, diagnosis.base) else name(str(clean)),
    )


def _groups(
    results: Sequence[StudyResult], order: Sequence[str], drawn: Mapping[str, DumbbellRow]
) -> Iterator[StudyGroup]:
    by_name = [{cell.name: cell for cell in _last(result).domains} for result in results]
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
    entry = _moved(cell)
    if cell.verdict is Verdict.CANNOT_MEASURE:
        entry = Entry("", words)
    return StudyCell(
        entry=entry,
        mark=wording.mark_of(cell.verdict),
        chips=tuple(wording.ADJUNCTS[adjunct] for adjunct in cell.adjuncts),
        hint=words,
    )


def _versus(
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
    return StudyCell(entry=_moved(cell), mark=mark, hint=mark.meaning)


def _settings(results: Sequence[StudyResult]) -> Iterator[SettingRow]:
    yield from _setting_rows([result.settings for result in results], may_differ=False)
    yield from _setting_rows([result.own for result in results], may_differ=True)


def _setting_rows(known: Sequence[Mapping[str, str]], *, may_differ: bool) -> Iterator[SettingRow]:
    for key in dict.fromkeys(key for settings in known for key in settings):
        values = tuple(wording.one_line(settings.get(key, "")) for settings in known)
        yield SettingRow(
            name=wording.title(key),
            values=tuple(value or wording.UNDEFINED for value in values),
            differs=not may_differ and len(set(values)) > 1,
        )


def _order(results: Sequence[StudyResult]) -> list[str]:
    """Return the domains of all studies, the largest loss in any of them first."""
    lowest: dict[str, float] = {}
    for result in results:
        for cell in _last(result).domains:
            # nan compares as false: what cannot be measured keeps its place at the end
            known = lowest.setdefault(cell.name, float("inf"))
            lowest[cell.name] = cell.change if cell.change < known else known
    return sorted(lowest, key=lambda slug: (lowest[slug], slug))


def _moved(cell: Cell) -> Entry:
    change = wording.change(cell.change, metric=cell.metric)
    if change == wording.UNDEFINED:
        return Entry()
    span = wording.interval(cell.low, cell.high, metric=cell.metric) or NO_INTERVAL
    unit = f" {wording.one_line(cell.metric)}" if cell.metric in UNBOUNDED_METRICS else ""
    return Entry(change, f"{span}{unit}")


def _targets(results: Sequence[StudyResult]) -> Iterator[Cell]:
    for result in results:
        yield from (cell for cell in _last(result).domains if cell.role is Role.TARGET)


def _general(result: StudyResult) -> list[Cell]:
    return [
        cell
        for cell in _last(result).domains
        if cell.role is Role.GENERAL and cell.verdict is not Verdict.CANNOT_MEASURE
    ]


def _first(slug: str, by_name: Sequence[Mapping[str, Cell]]) -> Cell:
    return next(cells[slug] for cells in by_name if slug in cells)


def _last(result: StudyResult) -> Comparison:
    return result.diagnosis.comparisons[-1]
