"""Lines of results on stdout, whole and in characters that the stream can show."""

from __future__ import annotations

import json
import math
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Table", "print_coloured", "print_json", "print_lines", "print_text", "show_table"]

_PLAIN = str.maketrans(
    {
        "−": "-",
        "±": "+-",
        "–": "-",
        "∞": "inf",
        "▼": "v",
        "▽": "!",
        "●": "=",
        "▲": "^",
        "◇": "?",
        "∅": "x",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under a head."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Sequence[int]
    """Columns that are set to the left; numbers are set to the right."""


def show_table(table: Table) -> None:
    """Show a table, aligned; on a terminal that is too narrow for it, row by row."""
    from forgetscope.cli.console import is_unicode, out, shows_table

    lines = list(_aligned(table))
    if not shows_table():
        print_lines(lines)
        return
    from rich.text import Text

    is_whole = max(map(_width, lines)) <= out.width
    for place, line in enumerate(lines if is_whole else _stacked(table)):
        shown = line if is_unicode() else line.translate(_PLAIN)
        style = "dim" if is_whole and place == 0 else ""
        out.print(Text(shown, style=style, no_wrap=is_whole, overflow="ignore"))


def print_json(content: Mapping[str, object]) -> None:
    """Print strict JSON, on one line where lines were asked for; what is undefined is null."""
    from forgetscope.cli.talk import Format, talk

    indent = None if talk().form is Format.JSONL else 1
    print_text(json.dumps(_strict(content), indent=indent, sort_keys=True, allow_nan=False))


def print_text(text: str) -> None:
    """Print a text as it is."""
    _print(text if text.endswith("\n") else f"{text}\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print one line each, however wide the terminal is; in ASCII where it must be."""
    from forgetscope.cli.console import is_unicode

    plain = {} if is_unicode() else _PLAIN
    _print("".join(f"{line.translate(plain)}\n" for line in lines))


def print_coloured(lines: Iterable[tuple[str, str]]) -> None:
    """Print one line each, on a terminal in the colour of its tone, elsewhere plainly."""
    from forgetscope.cli.console import is_unicode, out, shows_table

    if not shows_table():
        print_lines(line for line, _ in lines)
        return
    from rich.text import Text

    from forgetscope.cli.forest import TONES

    for line, tone in lines:
        shown = line if is_unicode() else line.translate(_PLAIN)
        out.print(Text(shown, style=TONES.get(tone, "")))


def _print(text: str) -> None:
    """Print, though the reader may have left: an exit code must not depend on it."""
    from forgetscope.cli.talk import talk

    if talk().is_silent:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _aligned(table: Table) -> Iterator[str]:
    rows = [table.head, *table.rows]
    widths = [max(_width(row[place]) for row in rows) for place in range(len(table.head))]
    for row in rows:
        cells = []
        for place, (text, width) in enumerate(zip(row, widths, strict=True)):
            padding = " " * (width - _width(text))
            cells.append(text + padding if place in table.left else padding + text)
        yield "  ".join(cells).rstrip()


def _stacked(table: Table) -> Iterator[str]:
    """Yield each row as its name and a line for each of its cells that says something."""
    widest = max(map(_width, table.head[1:]), default=0)
    for name, *cells in table.rows:
        yield name
        for head, text in zip(table.head[1:], cells, strict=True):
            if text:
                yield f"  {head}{' ' * (widest - _width(head))}  {text.strip()}"


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _strict(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(part) for part in value]
    return value
