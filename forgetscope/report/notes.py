"""The findings in short lines, for a terminal and a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forgetscope.records import Cell, Diagnosis, PassAtK
from forgetscope.report import wording
from forgetscope.report.paths import course_sentence
from forgetscope.report.wording import Namer

__all__ = ["notes"]


def notes(diagnosis: Diagnosis, *, order: Sequence[str], name: Namer) -> tuple[str, ...]:
    """Return what stands behind the verdicts of the last checkpoint, domains in the given order.

    A line says where a domain was stopped at its verdict, and the last one what that saved; a line
    how more tries fared, where that is proved to have changed. A line says how many lost answers
    lost their form alone, and a line what is proved about the way of a domain; where there is
    nothing of it, no line.
    """
    if not diagnosis.comparisons:
        return ()
    cells = {cell.name: cell for cell in diagnosis.comparisons[-1].domains}
    courses = {course.domain: course for course in diagnosis.courses}
    lines: list[str] = []
    for slug in order:
        lines += _of_cell(cells[slug])
        if slug in courses:
            sentence = course_sentence(courses[slug], metric=cells[slug].metric, name=name)
            lines += [sentence] if sentence else []
    return (*lines, *_saved([cells[slug] for slug in order]))


def _saved(cells: Sequence[Cell]) -> Iterator[str]:
    if not any(cell.stopped_of is not None for cell in cells):
        return
    asked = sum(cell.n for cell in cells)
    total = sum(cell.n if cell.stopped_of is None else cell.stopped_of for cell in cells)
    yield (
        f"{wording.percent(1 - asked / total)} of {wording.count(total)} items were saved, as "
        "domains were asked until their verdict was proved"
    )


def _of_cell(cell: Cell) -> Iterator[str]:
    if cell.stopped_of is not None:
        yield f"{wording.title(cell.name)}: {wording.stopped(cell)}"
    if told := _more_tries(cell):
        yield f"{wording.title(cell.name)}: {told}"
    causes = cell.findings.causes
    if causes and any(n for form, n in causes.by_class if form.is_format):
        yield f"{wording.title(cell.name)}: {wording.lost_by_form(cell)}"


def _more_tries(cell: Cell) -> str:
    """Return how more tries fared, where their change is proved; empty elsewhere."""
    found = cell.findings.repeats.passes if cell.findings.repeats else ()
    if len(found) < 2 or not (found[-1].change.low > 0 or found[-1].change.high < 0):
        return ""
    one, most = found[0], found[-1]
    return (
        f"right in at least one of {most.k} samples {_moved(most)}; in a single one {_moved(one)}"
    )


def _moved(found: PassAtK) -> str:
    span = wording.interval(found.change.low, found.change.high)
    change = f"{wording.change(found.change.value)} {span}"
    return f"{wording.score(found.before)} → {wording.score(found.after)} ({change})"
