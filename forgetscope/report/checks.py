"""What can be checked of a comparison before it is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Cell, Checkpoint, Comparison, Diagnosis
from forgetscope.report import wording
from forgetscope.report.held import Held
from forgetscope.report.rerun import rerun_words

__all__ = ["Check", "checks", "cut_prompts"]

_NAMED = 4
"""Names in one line at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the list."""

    text: str
    is_passed: bool


def checks(
    diagnosis: Diagnosis,
    *,
    known: Held | None,
    warnings: Sequence[str],
    checkpoints: Sequence[Checkpoint] = (),
) -> tuple[Check, ...]:
    """Return what was checked of the last comparison; a base alone has only its warnings.

    Parameters
    ----------
    diagnosis
        The series.
    known
        Settings of both sides, if they are known.
    warnings
        Of all comparisons, as the page shows them.
    checkpoints
        What was evaluated.
    """
    found: list[Check] = []
    if diagnosis.comparisons:
        last = diagnosis.comparisons[-1]
        found = [_prompts(), _items(last), *_settings(known), *_forms(last), _rerun(last)]
    found += _weights(checkpoints)
    found += [Check(text=text, is_passed=False) for text in warnings]
    return tuple(found)


def cut_prompts(sides: object) -> Iterator[Check]:
    """Yield which sides read prompts without their beginning; nothing where none did.

    Parameters
    ----------
    sides
        As `provenance_of` of the study tells them, as JSON values.
    """
    for side in sides if isinstance(sides, (list, tuple)) else ():
        n = side.get("prompts_cut") if isinstance(side, Mapping) else None
        if isinstance(n, int) and n:
            label = wording.one_line(str(side.get("label", "")))
            text = f"{wording.count(n)} prompts of {label} did not fit the window: cut on the left"
            yield Check(text=text, is_passed=False)


def _prompts() -> Check:
    # sides that were asked otherwise are refused before there is a diagnosis
    return Check(text="Both sides answered the same prompts", is_passed=True)


def _items(comparison: Comparison) -> Check:
    missing = sum(cell.n_missing for cell in comparison.domains)
    if missing:
        text = f"{wording.count(missing)} items have a score on one side only and are left out"
        return Check(text=text, is_passed=False)
    n = sum(cell.n for cell in comparison.domains)
    if any(cell.stopped_of is not None for cell in comparison.domains):
        text = f"All {wording.count(n)} items that were asked have a score on both sides"
        return Check(text=text, is_passed=True)
    return Check(text=f"All {wording.count(n)} items have a score on both sides", is_passed=True)


def _weights(checkpoints: Sequence[Checkpoint]) -> Iterator[Check]:
    """Yield who answered without showing its weights."""
    unseen = [wording.one_line(c.label) for c in checkpoints if not c.kind.is_proved]
    if unseen:
        text = (
            f"{_names(unseen)} answered from a server: which weights answered is known by address,"
            " name and day alone"
        )
        yield Check(text=text, is_passed=False)


def _settings(known: Held | None) -> Iterator[Check]:
    if known is None:
        return
    if known.marked:
        yield Check(text=f"Settings differ: {_names(known.marked)}", is_passed=False)
    else:
        yield Check(text="Engine, suite and settings are the same on both sides", is_passed=True)


def _forms(comparison: Comparison) -> Iterator[Check]:
    """Yield whether answers lost their form: that is measured where answers are written."""
    written = [cell for cell in comparison.domains if cell.findings.causes]
    if not written:
        return
    for words, kind in (("cut off at the token limit", "truncated"), ("unreadable", "unparsed")):
        more = [wording.title(cell.name) for cell in written if _rose(cell, kind)]
        text = f"More answers are {words} in {_names(more)}"
        yield Check(
            text=text if more else f"No domain is proved to have more answers {words}",
            is_passed=not more,
        )


def _rose(cell: Cell, kind: str) -> bool:
    causes = cell.findings.causes
    return causes is not None and getattr(causes, kind).low > 0.0


def _rerun(comparison: Comparison) -> Check:
    if measured := rerun_words(comparison):
        return Check(text=measured, is_passed=True)
    repeated = [cell for cell in comparison.domains if cell.findings.repeats]
    if repeated:
        text = "Several samples of each answer were drawn: their noise is measured"
        return Check(text=text, is_passed=True)
    text = "The base was not asked again, so the noise of a rerun is not known (`--rerun`)"
    return Check(text=text, is_passed=False)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
