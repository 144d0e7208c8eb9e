"""The findings in short lines, for a terminal and a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forgetscope.records import Cell, Diagnosis
from forgetscope.report import wording
from forgetscope.report.paths import course_sentence

__all__ = ["notes"]


def notes(
    diagnosis: Diagnosis, *, order: Sequence[str], name: Callable[[str], str]
) -> tuple[str, ...]:
    """Return what stands behind the verdicts of the last checkpoint, domains in the given order.

    A line says how many lost answers lost their form alone, and a line what is proved about the
    way of a domain; where there is nothing of it, no line.
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
    return tuple(lines)


def _of_cell(cell: Cell) -> Iterator[str]:
    causes = cell.findings.causes
    if causes and any(n for form, n in causes.by_class if form.is_format):
        yield f"{wording.title(cell.name)}: {wording.lost_by_form(cell)}"
