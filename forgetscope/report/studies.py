"""Several studies in one view: what every recipe kept, lost and gained, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.diagnosis import rival_of
from forgetscope.records import Role, Training, Verdict
from forgetscope.records.display import Displayed
from forgetscope.report import wording
from forgetscope.report.dumbbell import Dumbbell, dumbbell
from forgetscope.report.headline import Pill, gate_pill
from forgetscope.report.runs import Run, runs_of
from forgetscope.report.study_result import StudyResult
from forgetscope.report.study_rows import StudyGroup, Versus, groups_of, moved, order_of, versus_of
from forgetscope.report.table import Entry
from forgetscope.report.trade import TradeOff, trade_off
from forgetscope.report.view import TallyRow, checkpoint_names

__all__ = ["SettingRow", "StudiesView", "StudyColumn"]

_FEW = 4
"""Studies that the headline names one by one."""


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
        order = order_of(results)
        bell = dumbbell(first.diagnosis, training, order=order, name=name)
        trade = trade_off(first.diagnosis, training, checkpoints=first.checkpoints, name=name)
        drawn = {row.label: row for row in bell.rows} if bell else {}
        return cls(
            headline=_headline(results, runs),
            summary=_summary(results, runs),
            target=next(
                (wording.title(cell.name) for result in results for cell in result.targets), ""
            ),
            columns=tuple(_column(result, runs[result.name]) for result in results),
            groups=tuple(groups_of(results, order, drawn)),
            bell=bell,
            trade=trade,
            versus=versus_of(results, runs, order),
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
    judged = [result.measured for result in results]
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
        (runs[result.name].name, sum(c.verdict is Verdict.UNDECIDED for c in result.measured))
        for result in results
    ]
    text = (
        "Forgot means a proven loss of at least the margin, at the last checkpoint of each study "
        "and against its own base."
    )
    told = [f"{name} {wording.number_word(n)}" for name, n in open_ if n]
    return f"{text} Not proved either way: {', '.join(told)}." if told else text


def _column(result: StudyResult, run: Run) -> StudyColumn:
    diagnosis, last = result.diagnosis, result.last
    name = checkpoint_names(result.checkpoints)
    counts = Counter(cell.verdict for cell in last.domains if cell.role is Role.GENERAL)
    clean = diagnosis.last_clean
    return StudyColumn(
        run=run,
        checkpoint=name(last.after),
        gate=gate_pill(diagnosis.gate),
        tally=tuple(TallyRow(mark=mark, n=counts[v]) for v, mark in wording.MARKS.items()),
        target=moved(result.targets[0]) if result.targets else Entry(),
        general=moved(last.overall),
        clean="none" if clean in (None, diagnosis.base) else name(str(clean)),
    )


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
