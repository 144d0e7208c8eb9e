"""The domain table at every checkpoint, packed: what the switch puts in its place.

Rows of all checkpoints are alike but for their numbers. So the markup is kept once, as a shape with
holes, and a row is the number of its shape and what fills the holes: a third of the bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from forgetscope.report.nodes import Node, nodes_of
from forgetscope.report.switch import Switch

__all__ = ["pack_states"]

_NUMBER = re.compile(r"[−+±]?\d[\d,]*(?:\.\d+)?")
_HOLE = "\x01"
"""Stands for a number; no JSON text holds it."""
_NAME = "\u2028"
"""Stands for the name of the row; no cleaned text holds it."""


def pack_states(switch: Switch, tables: Sequence[str]) -> str:
    """Return the states as base64 text; equal input gives equal text.

    Parameters
    ----------
    switch
        The checkpoints that can be chosen.
    tables
        The rows of the domain table at each of them, as markup.
    """
    labels = [row.label for row in switch.choices[-1].rows]
    shapes: dict[str, _Shape] = {}
    found = [list(_rows(table, labels, shapes)) for table in tables]
    for shape in shapes.values():
        shape.settle()
    content = {
        "names": [choice.name for choice in switch.choices],
        "headlines": [choice.headline for choice in switch.choices],
        "labels": labels,
        "states": [[row.text() for row in rows] for rows in found],
        "shapes": [shape.text for shape in shapes.values()],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # mtime=0: equal input gives equal bytes
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")


@dataclass(slots=True, kw_only=True, eq=False)
class _Shape:
    """Markup with a hole for every number, and the numbers of all rows of that shape."""

    place: int
    parts: list[str]
    """What stands between the holes."""
    rows: list[list[str]] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    """Of numbers that are the same in all rows, only the first is kept."""
    text: str = ""

    def settle(self) -> None:
        """Write the shape, once all rows are known: each hole bears the place of its number."""
        columns = list(zip(*self.rows, strict=True))
        first = {column: place for place, column in reversed(list(enumerate(columns)))}
        self.kept = sorted(first.values())
        places = {place: number for number, place in enumerate(self.kept)}
        holes = [f"{_HOLE}{places[first[column]]}{_HOLE}" for column in columns]
        self.text = "".join(
            part + hole for part, hole in zip(self.parts, [*holes, ""], strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Row:
    """One row at one checkpoint."""

    shape: _Shape
    numbers: list[str]

    def text(self) -> str:
        """Return the place of its shape and its numbers, with blanks between."""
        kept = (self.numbers[place] for place in self.shape.kept)
        return " ".join((str(self.shape.place), *kept))


def _rows(table: str, labels: Sequence[str], shapes: dict[str, _Shape]) -> Iterator[_Row]:
    """Yield the rows of a table, and add the shapes that are new to the known ones."""
    rows = [node for node in nodes_of(table) if isinstance(node, list)]
    for row, label in zip(rows, labels, strict=True):
        text = json.dumps(_state(row, label), ensure_ascii=False, separators=(",", ":"))
        parts, numbers = _NUMBER.split(text), _NUMBER.findall(text)
        shape = shapes.setdefault(_HOLE.join(parts), _Shape(place=len(shapes), parts=parts))
        shape.rows.append(numbers)
        yield _Row(shape=shape, numbers=numbers)


def _state(row: list[object], label: str) -> list[object]:
    """Return the tone of a row, what changes of its heading, and its cells."""
    _, attributes, heading, *cells = row
    tone = str(_attributes(attributes)["class"]).split()[-1]
    return [tone, list(_slots(heading)), [_nameless(cell, label) for cell in cells]]


def _slots(node: object) -> Iterator[Node]:
    """Yield the parts of a heading that change; the rest of it bears what listens to clicks."""
    if not isinstance(node, list):
        return
    if "data-slot" in _attributes(node[1]):
        yield node
        return
    for child in node[2:]:
        yield from _slots(child)


def _nameless(node: object, label: str) -> object:
    """Return a node in which no accessible name begins with the name of the row."""
    if not isinstance(node, list):
        return node
    tag, attributes, *children = node
    named = {
        key: _NAME + value.removeprefix(label)
        if key == "aria-label" and value.startswith(f"{label}:")
        else value
        for key, value in _attributes(attributes).items()
    }
    return [tag, named, *(_nameless(child, label) for child in children)]


def _attributes(value: object) -> dict[str, str]:
    return value if isinstance(value, dict) else {}
