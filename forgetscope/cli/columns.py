"""Columns of a table on a terminal: what does not fit is left out whole, the least needed first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

__all__ = ["GAP", "Column", "cut", "fitting", "head_line", "row_lines"]

GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, a cell per row."""

    head: Text
    cells: Sequence[Text]
    rank: int
    """0 is always shown; columns of one higher rank come and go together, the lowest first."""
    is_number: bool = False
    can_lack: bool = False
    """Whether columns of later ranks make sense without it."""
    spans: bool = False
    """Whether the words of a row without numbers may stand across it."""

    @property
    def width(self) -> int:
        """Cells of the terminal that it takes."""
        return max(cell_len(text.plain) for text in (self.head, *self.cells))


def fitting(columns: Sequence[Column], *, width: int) -> tuple[Column, ...]:
    """Return the columns that fit side by side, up to the first rank that would be missed."""
    shown = {id(column) for column in columns if column.rank == 0}
    for rank in sorted({column.rank for column in columns} - {0}):
        ranked = [column for column in columns if column.rank == rank]
        more = shown | {id(column) for column in ranked}
        if _width([column for column in columns if id(column) in more]) <= width:
            shown = more
        elif not all(column.can_lack for column in ranked):
            break
    return tuple(column for column in columns if id(column) in shown)


def head_line(columns: Sequence[Column]) -> Text:
    """Return the names of the columns."""
    return _joined([_set(column, column.head) for column in columns])


def row_lines(
    columns: Sequence[Column], words: Sequence[Text | None], *, width: int
) -> Iterator[tuple[Text, ...]]:
    """Yield the lines of each row; `words` of a row stand across its `spans` columns.

    Words that are too long for that stand below their row.
    """
    room = _width([column for column in columns if column.spans])
    for place, said in enumerate(words):
        cells = [_set(column, column.cells[place]) for column in columns]
        if said is None:
            yield (_joined(cells),)
        elif cell_len(said.plain) <= room:
            yield (_joined(_across(columns, cells, said, room)),)
        else:
            yield (_joined(cells), *_below(said, width=width))


def cut(text: str, *, width: int) -> str:
    """Return a name that is no wider than a column may be."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _below(said: Text, *, width: int) -> Iterator[Text]:
    for line in textwrap.wrap(said.plain, max(width - 2, 20)):
        yield Text(f"  {line}", style=said.style)


def _across(
    columns: Sequence[Column], cells: Sequence[Text], said: Text, room: int
) -> Iterator[Text]:
    """Yield the cells with the words in the place of those they stand across."""
    is_told = False
    for column, cell in zip(columns, cells, strict=True):
        if not column.spans:
            yield cell
        elif not is_told:
            is_told = True
            yield _padded(said, room)


def _width(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * (len(columns) - 1) if columns else 0


def _joined(cells: Iterable[Text]) -> Text:
    line = Text(" " * GAP).join(cells)
    line.rstrip()
    return line


def _set(column: Column, text: Text) -> Text:
    return _padded(text, column.width, to_right=column.is_number)


def _padded(text: Text, width: int, *, to_right: bool = False) -> Text:
    padding = Text(" " * (width - cell_len(text.plain)))
    return padding + text if to_right else text + padding
