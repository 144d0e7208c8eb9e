"""Everything that is found about a row beside its verdict, and the remarks that follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forgetscope.diagnosis.causes import causes, readings
from forgetscope.diagnosis.gross import gross, knowledge, retained_score
from forgetscope.diagnosis.likelihood import calibration, likelihood
from forgetscope.diagnosis.noise import churn, noise_floors, repeats, rerun_floor, unlike_tasks
from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.recovered import recovered
from forgetscope.diagnosis.row import Row
from forgetscope.diagnosis.score import Criterion
from forgetscope.records import (
    Adjunct,
    Cell,
    Findings,
    ProbeResult,
    Readings,
    Recovered,
    Verdict,
)
from forgetscope.statistics import holm

__all__ = ["with_adjuncts", "with_findings"]

_SAME_AVERAGE = (Verdict.HELD, Verdict.UNDECIDED)
_LOST = (Verdict.FORGOT, Verdict.SLIPPED)
_KEPT = (Verdict.HELD, Verdict.GAINED)


def with_findings(
    cell: Cell, row: Row, criterion: Criterion, *, probes: Sequence[ProbeResult] = ()
) -> Cell:
    """Return the cell with all that its items tell; intervals are each at the family's alpha."""
    pairs, alpha, seed = row.pairs, criterion.alpha, criterion.seed
    # what is found beside the verdict is made for a fixed number of items
    if pairs.n == 0 or row.was_stopped:
        return cell
    sampled = repeats(pairs, alpha=alpha, seed=seed)
    floors = noise_floors(row, alpha=alpha, seed=seed)
    unlike = unlike_tasks(row, criterion=criterion)
    return replace(
        cell,
        noise_floor=rerun_floor(pairs),
        findings=Findings(
            transitions=gross(row, alpha=alpha),
            knowledge=knowledge(row, alpha=alpha),
            repeats=sampled,
            noise=floors,
            readings=readings(row, criterion),
            causes=causes(pairs, alpha=alpha),
            likelihood=likelihood(pairs, verdict=cell.verdict, alpha=alpha),
            # over all domains at once confidence has no one meaning
            calibration=calibration(pairs, alpha=alpha, with_bins=row.name == row.domain)
            if row.domain
            else None,
            heterogeneity=unlike,
            churn=churn(sampled, floors, unlike),
            retention=retained_score(row, alpha=alpha),
            recovered=_recovered(pairs, probes, alpha=alpha) if probes else (),
        ),
    )


def _recovered(
    pairs: Pairs, probes: Sequence[ProbeResult], *, alpha: float
) -> tuple[Recovered, ...]:
    lost_i = np.flatnonzero(pairs.after_I < pairs.before_I).tolist()
    unsolved_i = np.flatnonzero((pairs.before_I == 0.0) & (pairs.after_I == 0.0)).tolist()
    retained_i = np.flatnonzero((pairs.before_I == 1.0) & (pairs.after_I == 1.0)).tolist()
    return recovered(
        probes,
        lost=[pairs.item_ids[i] for i in lost_i],
        unsolved=[pairs.item_ids[i] for i in unsolved_i],
        retained=[pairs.item_ids[i] for i in retained_i],
        alpha=alpha,
    )


def with_adjuncts(cells_C: Sequence[Sequence[Cell]], *, alpha: float) -> list[tuple[Cell, ...]]:
    """Return the cells of C comparisons with their remarks.

    SHIFTED: HELD or UNDECIDED, and more items changed sides than reruns or samples explain, or the
    tasks did not change alike; both tests of all cells are one family (Holm). FORMAT: lost by the
    strict reading, kept by the lenient one.
    """
    tests = [_churn_tests(cell) for cells in cells_C for cell in cells]
    adjusted = holm(np.array(tests, dtype=np.float64).ravel()).reshape(-1, 2)
    is_moved: list[bool] = np.any(adjusted <= alpha, axis=1).tolist()
    moved = iter(is_moved)
    return [tuple(_marked(cell, is_moved=next(moved)) for cell in cells) for cells in cells_C]


def _churn_tests(cell: Cell) -> tuple[float, float]:
    found = cell.findings.churn
    if found is None or cell.verdict not in _SAME_AVERAGE:
        return math.nan, math.nan
    return found.excess_p, found.heterogeneity_p


def _marked(cell: Cell, *, is_moved: bool) -> Cell:
    adjuncts = []
    if is_moved and cell.verdict in _SAME_AVERAGE:
        adjuncts.append(Adjunct.SHIFTED)
    if cell.verdict is not Verdict.CANNOT_MEASURE and _only_the_form(cell.findings.readings):
        adjuncts.append(Adjunct.FORMAT)
    return replace(cell, adjuncts=tuple(adjuncts))


def _only_the_form(found: Readings | None) -> bool:
    return found is not None and found.strict_verdict in _LOST and found.lenient_verdict in _KEPT
