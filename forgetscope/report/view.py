"""The report as data: everything a reader will see, decided before anything is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.records import (
    BlendCurve,
    Cell,
    Checkpoint,
    Diagnosis,
    Role,
    Story,
    Training,
)
from forgetscope.records.display import Displayed
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow, forest_row
from forgetscope.report.guessing import guessing
from forgetscope.report.headline import Fact, Pill, Span, facts, gate_pill, headline, summary
from forgetscope.report.heat import HeatTable, heat_table
from forgetscope.report.ledger import Ledger, domain_row, ledger_of
from forgetscope.report.noise import noise
from forgetscope.report.notes import notes
from forgetscope.report.paths import paths
from forgetscope.report.reading import ItemPage, item_page
from forgetscope.report.reliability import Reliability, reliability
from forgetscope.report.scores import Scores, scores
from forgetscope.report.sparks import Spark, sparks
from forgetscope.report.switch import Switch, switch_of
from forgetscope.report.table import Table
from forgetscope.report.trained import Trained, trained
from forgetscope.report.trajectory import Trajectories, trajectories
from forgetscope.report.trust import Provenance, Trust, trust
from forgetscope.report.why import Why, why
from forgetscope.report.wording import Mark, Namer

__all__ = ["ReportView", "TallyRow", "checkpoint_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyRow:
    """How many general domains ended in one verdict."""

    mark: Mark
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView(Displayed):
    """What every backend draws."""

    title: str
    study: str
    base: str
    headline: str
    summary: tuple[Span, ...]
    gate: Pill | None
    """`None` where only a base exists: there is nothing to gate."""
    gate_reason: str
    tally: tuple[TallyRow, ...]
    facts: tuple[Fact, ...]
    turnover: str
    """Items lost and gained at the last checkpoint, as a sentence without its period."""
    ledger: Ledger | None
    """The last checkpoint against the base; `None` where only a base exists."""
    switch: Switch | None
    """The ledger at every checkpoint; `None` below two checkpoints beyond the base."""
    heat: HeatTable | None
    """`None` below two checkpoints beyond the base."""
    sparks: tuple[Spark, ...]
    """For a terminal; empty below two checkpoints beyond the base."""
    trained: Trained | None
    """What is known of the training run, and of a blend; `None` where nothing is."""
    why: Why | None
    """Why items were lost at the last checkpoint; `None` where nothing is known of it."""
    guessing: Table | None
    reliability: Reliability | None
    """What confidence is worth at the last checkpoint; `None` where no answer was a choice."""
    trajectories: Trajectories | None
    """`None` below two checkpoints beyond the base."""
    paths: Table | None
    """What is proved of each domain's path."""
    noise: tuple[Table, ...]
    notes: tuple[str, ...]
    """The findings in short lines, for a terminal."""
    items: ItemPage | None
    scores: Scores | None
    """The capability profile before and after; `None` where nothing is scored in points."""
    profile: tuple[ForestRow, ...]
    """The base alone, a row per domain with its tasks."""
    margin: str
    alpha: str
    seed: str
    """Of the draws behind simultaneous intervals."""
    trust: Trust

    @classmethod
    def of(
        cls,
        diagnosis: Diagnosis,
        *,
        stories: Sequence[Story] = (),
        checkpoints: Sequence[Checkpoint] = (),
        provenance: Provenance | None = None,
        training: Training | None = None,
        blend: BlendCurve | None = None,
    ) -> ReportView:
        """Return the view of a diagnosis.

        Parameters
        ----------
        diagnosis
            The series against its base.
        stories
            Items to be read, of the base and the last checkpoint.
        checkpoints
            Every checkpoint of the study, the base first.
        provenance
            What made the numbers; see `trust.Provenance`.
        training
            How the series was trained, and its rivals.
        blend
            The search for a blend of base and tuned weights.
        """
        name = checkpoint_names(checkpoints)
        known = provenance or {}
        ledger = ledger_of(diagnosis, name=name)
        order = [row.name for row in ledger.rows] if ledger else []
        last = diagnosis.comparisons[-1] if diagnosis.comparisons else None
        series = [diagnosis.base, *(comparison.after for comparison in diagnosis.comparisons)]
        study = wording.one_line(str(known.get("study", "")))
        conclusion = headline(diagnosis, name=name)
        return cls(
            title=f"{conclusion} · {study}" if study else conclusion,
            study=study,
            base=name(diagnosis.base),
            headline=conclusion,
            summary=summary(diagnosis, name=name),
            gate=gate_pill(diagnosis.gate) if diagnosis.comparisons else None,
            gate_reason=wording.one_line(diagnosis.gate.reason),
            tally=_tally(diagnosis),
            facts=facts(diagnosis, name=name),
            turnover=_turnover(diagnosis, name=name),
            ledger=ledger,
            switch=switch_of(diagnosis, ledger, name=name),
            heat=_heat(diagnosis, ledger=ledger, name=name),
            sparks=sparks(diagnosis.comparisons),
            trained=trained(
                diagnosis,
                training=training,
                blend=blend,
                checkpoints=checkpoints,
                order=order,
                name=name,
            ),
            why=why(last, order=order) if last else None,
            guessing=guessing(last, order=order) if last else None,
            trajectories=trajectories(diagnosis, order=order, checkpoints=checkpoints, name=name),
            paths=paths(diagnosis, order=order, name=name),
            reliability=reliability(last, order=order, name=name) if last else None,
            noise=noise(last, order=order) if last else (),
            notes=notes(diagnosis, order=order, name=name),
            items=item_page(
                stories,
                order=order,
                checkpoints=[name(label) for label in series],
                changes=last.changes if last else (),
            ),
            scores=scores(diagnosis, order=order, name=name),
            profile=_profile(diagnosis.profile),
            margin=wording.points(diagnosis.margin),
            alpha=f"{100 * diagnosis.alpha:g}",
            seed=str(diagnosis.seed),
            trust=trust(diagnosis, checkpoints=checkpoints, provenance=known),
        )


def checkpoint_names(checkpoints: Sequence[Checkpoint]) -> Namer:
    """Return how checkpoints are called: by step where that is unique, else by label."""
    counts = Counter(checkpoint.step for checkpoint in checkpoints)
    names = {
        checkpoint.label: f"step {wording.count(checkpoint.step)}"
        for checkpoint in checkpoints[1:]
        if checkpoint.step is not None and counts[checkpoint.step] == 1
    }
    return lambda label: names.get(label, wording.one_line(label))


def _tally(diagnosis: Diagnosis) -> tuple[TallyRow, ...]:
    if not diagnosis.comparisons:
        return ()
    cells = [c for c in diagnosis.comparisons[-1].domains if c.role is Role.GENERAL]
    counts = Counter(cell.verdict for cell in cells)
    return tuple(TallyRow(mark=mark, n=counts[verdict]) for verdict, mark in wording.MARKS.items())


def _turnover(diagnosis: Diagnosis, *, name: Namer) -> str:
    if not diagnosis.comparisons:
        return ""
    last = diagnosis.comparisons[-1]
    lost, gained = wording.count(last.overall.lost), wording.count(last.overall.gained)
    return f"{lost} general items lost, {gained} gained at {name(last.after)}"


def _heat(diagnosis: Diagnosis, *, ledger: Ledger | None, name: Namer) -> HeatTable | None:
    if ledger is None or len(diagnosis.comparisons) < 2:
        return None
    columns = {c.after: name(c.after) for c in diagnosis.comparisons}
    groups = [[row.name for row in group.rows] for group in ledger.groups]
    return heat_table(diagnosis.comparisons, columns=columns, groups=groups)


def _profile(cells: Sequence[Cell]) -> tuple[ForestRow, ...]:
    """Return the base's rows: the domains in order, each with its tasks."""
    domains: dict[str, Cell] = {}
    tasks: list[Cell] = []
    for cell in cells:
        # domains come first and bear their own name; a task may be called like its domain
        if cell.name == cell.domain and cell.domain not in domains:
            domains[cell.domain] = cell
        else:
            tasks.append(cell)
    if not domains:
        return tuple(forest_row(cell, label=wording.one_line(cell.name)) for cell in tasks)
    return tuple(domain_row(cell, tasks) for cell in domains.values())
