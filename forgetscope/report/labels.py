"""Where the names of marks stand in a chart, so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Box", "Placed", "Wish", "boxes_along", "named", "place"]

LETTER, BOLD_LETTER, HEIGHT = 6.3, 7.4, 13.0
"""Width of a letter, of a bold one, and height of a line, in the unit of the chart."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; y runs downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area two boxes share."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A text that wants to stand beside the point (x, y)."""

    x: float
    y: float
    text: str
    kind: str = ""
    """How it is drawn; a backend's own word."""
    is_needed: bool = False
    """Whether it is written even where nothing is free."""
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A text with its place: middle of its height, and which end of it is at x."""

    wish: Wish
    x: float
    y: float
    anchor: str
    """`start`, `middle` or `end`."""


def place(wishes: Sequence[Wish], *, paper: Box, taken: Iterable[Box]) -> tuple[Placed, ...]:
    """Return the texts that find room beside their points; those that are needed come first.

    Parameters
    ----------
    wishes
        What wants to be written.
    paper
        Nothing is written outside it.
    taken
        What must not be covered: marks and lines.
    """
    full = list(taken)
    found: list[Placed] = []
    for wish in sorted(wishes, key=lambda wish: not wish.is_needed):
        spots = [(spot, _box(spot)) for spot in _spots(wish)]
        inside = [pair for pair in spots if pair[1].overlap(paper) >= _area(pair[1]) - 1e-6]
        costs = [sum(box.overlap(other) for other in full) for _, box in inside]
        if not costs or (min(costs) > 0 and not wish.is_needed):
            continue
        spot, box = inside[costs.index(min(costs))]
        found.append(spot)
        full.append(box)
    return tuple(found)


def boxes_along(points: Sequence[tuple[float, float]], *, half: float = 2.0) -> Iterator[Box]:
    """Yield small boxes along a line through the points, to keep names off it."""
    for (x, y), (to_x, to_y) in pairwise(points):
        n = max(1, round(max(abs(to_x - x), abs(to_y - y)) / (2 * half)))
        for part in (k / n for k in range(n + 1)):
            at, down = x + part * (to_x - x), y + part * (to_y - y)
            yield Box(at - half, down - half, at + half, down + half)


def named(n_marks: int, *, most: int = 3) -> list[int]:
    """Return which of the marks along a path bear their name: evenly spread, at most `most`.

    >>> named(7), named(2)
    ([1, 3, 5], [0, 1])
    """
    if n_marks <= most:
        return list(range(n_marks))
    return [(2 * place + 1) * n_marks // (2 * most) for place in range(most)]


def _spots(wish: Wish) -> Iterator[Placed]:
    """Yield places around the point, the better ones first; needed texts may stand further off."""
    for gap in (10.0, 20.0, 32.0) if wish.is_needed else (9.0, 15.0):
        slant = 0.7 * gap
        for dx, dy, anchor in (
            (gap, 0, "start"),
            (-gap, 0, "end"),
            (slant, -slant - 4, "start"),
            (-slant, -slant - 4, "end"),
            (slant, slant + 4, "start"),
            (-slant, slant + 4, "end"),
            (0, -gap - 6, "middle"),
            (0, gap + 6, "middle"),
        ):
            yield Placed(wish, x=wish.x + dx, y=wish.y + dy, anchor=anchor)


def _box(spot: Placed) -> Box:
    letter = BOLD_LETTER if spot.wish.is_bold else LETTER
    width = letter * len(spot.wish.text)
    left = spot.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[spot.anchor]
    return Box(left, spot.y - HEIGHT / 2, left + width, spot.y + HEIGHT / 2)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
