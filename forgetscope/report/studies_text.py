"""Several studies as Markdown, and as the tables a terminal shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forgetscope.report.markdown import fenced, inline
from forgetscope.report.studies import StudiesView, StudyColumn
from forgetscope.report.study_rows import StudyCell, StudyRow, Versus
from forgetscope.report.table import Entry

__all__ = ["Grid", "domains_grid", "render_studies_markdown", "studies_grid", "versus_grid"]

Grid = tuple[Sequence[str], list[Sequence[str]]]
"""A head, and rows of as many texts."""


def render_studies_markdown(view: StudiesView) -> str:
    """Return the studies as Markdown; text from outside can neither format nor link."""
    lines = [f"# {inline(view.headline)}", "", inline(view.summary), ""]
    lines += _markdown_table(*studies_grid(view))
    lines += ["## Domain by domain", "", *_markdown_table(*domains_grid(view))]
    if view.versus:
        lines += [f"## {inline(view.versus.title)}", "", inline(view.versus.note), ""]
        lines += _markdown_table(*versus_grid(view.versus))
    lines += ["## Settings", ""]
    lines += [f"- Margin: {view.margin} points, one-sided level {view.alpha} %"]
    lines += [f"- Warning: {inline(warning)}" for warning in view.warnings]
    lines += ["", *_markdown_table(*_settings(view))]
    lines += [fenced(view.command)] if view.command else []
    return "\n".join(lines).rstrip() + "\n"


def studies_grid(view: StudiesView) -> Grid:
    """Return what every study came to."""
    words = [row.mark.word for row in view.columns[0].tally]
    targets = [view.target] if view.target else []
    head = ("Study", "Checkpoint", *words, *targets, "All general", "Last clean")
    return head, [_study(column, has_target=bool(targets)) for column in view.columns]


def _study(column: StudyColumn, *, has_target: bool) -> Sequence[str]:
    counts = [str(row.n) for row in column.tally]
    target = [_text(column.target)] if has_target else []
    name = (column.run.name, column.checkpoint)
    return (*name, *counts, *target, _text(column.general), column.clean)


def domains_grid(view: StudiesView) -> Grid:
    """Return every domain in every study."""
    head = ("Domain", "Items", *(column.run.name for column in view.columns))
    return head, [_row(row) for group in view.groups for row in group.rows]


def versus_grid(found: Versus) -> Grid:
    """Return every further study against the first."""
    head = ("Domain", "Items", *(run.name for run in found.columns))
    return head, [_row(row) for row in found.rows]


def _row(row: StudyRow) -> Sequence[str]:
    return (row.label, row.n, *map(_cell, row.cells))


def _settings(view: StudiesView) -> Grid:
    head = ("Setting", *(column.run.name for column in view.columns), "")
    rows = [(row.name, *row.values, "differs" if row.differs else "") for row in view.settings]
    return head, list(rows)


def _cell(cell: StudyCell) -> str:
    mark = f"{cell.mark.glyph} {cell.mark.word}" if cell.mark else ""
    chips = " ".join(f"{chip.glyph} {chip.word}" for chip in cell.chips)
    return " ".join(part for part in (_text(cell.entry), mark, chips) if part)


def _text(entry: Entry) -> str:
    return f"{entry.text} {entry.note}".strip()


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(map(inline, head))} |"
    yield f"|{':--|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(inline, row))} |"
    yield ""
