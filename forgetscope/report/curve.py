"""Curves over training steps: where they break, and what of them fits on a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["MOST_POINTS", "STRETCHES", "Point", "broken", "stretch_means", "thinned"]

MOST_POINTS = 150
"""Points of one curve on the page; a panel is little wider in pixels."""

STRETCHES = 20
"""Into so many stretches a noisy curve is cut to show its level."""

_GAP = 1.5
"""A step this many times longer than most breaks a curve."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a training step."""

    step: float
    value: float


def broken(steps: Sequence[int], values: Sequence[float]) -> tuple[tuple[Point, ...], ...]:
    """Return a curve in pieces: it breaks where steps are missing or a value is undefined.

    An objective may be seen at every step or only at some, as batches are mixed. Steps are missing
    where two neighbours lie half as far apart again as nine of ten do.

    >>> [len(piece) for piece in broken((1, 2, 3, 7, 8), (0.1, 0.2, 0.3, 0.4, 0.5))]
    [3, 2]
    """
    strides = sorted(late - early for early, late in pairwise(steps))
    widest = _GAP * strides[int(0.9 * (len(strides) - 1))] if strides else math.inf
    pieces: list[list[Point]] = [[]]
    before = None
    for step, value in zip(steps, values, strict=True):
        if before is not None and step - before > widest:
            pieces.append([])
        before = step
        if math.isfinite(value):
            pieces[-1].append(Point(step, value))
        else:
            pieces.append([])
    return tuple(tuple(piece) for piece in pieces if piece)


def thinned(pieces: Sequence[Sequence[Point]]) -> tuple[tuple[Point, ...], ...]:
    """Return at most about `MOST_POINTS` points of a curve: the extremes of every stretch of it.

    Ends stay, and so do the lowest and the highest point; no point is made up.
    """
    n_points = sum(map(len, pieces))
    if n_points <= MOST_POINTS:
        return tuple(tuple(piece) for piece in pieces)
    width = math.ceil(2 * n_points / MOST_POINTS)
    return tuple(_extremes(piece, width) for piece in pieces)


def stretch_means(pieces: Sequence[Sequence[Point]]) -> tuple[tuple[Point, ...], ...]:
    """Return the means of stretches of a curve, each of about a `STRETCHES`th of its points.

    Empty for a short curve, which shows its level by itself. No stretch reaches over a break, and
    a mean stands at the mean of its steps.
    """
    n_points = sum(map(len, pieces))
    if n_points < 3 * STRETCHES:
        return ()
    return tuple(_means(piece, STRETCHES * len(piece) / n_points) for piece in pieces)


def _extremes(piece: Sequence[Point], width: int) -> tuple[Point, ...]:
    kept = {piece[0], piece[-1]}
    for first in range(0, len(piece), width):
        part = piece[first : first + width]
        kept |= {min(part, key=lambda point: point.value), max(part, key=lambda point: point.value)}
    return tuple(sorted(kept, key=lambda point: point.step))


def _means(piece: Sequence[Point], share: float) -> tuple[Point, ...]:
    n = max(1, round(share))
    edges = [round(place * len(piece) / n) for place in range(n + 1)]
    return tuple(_mean(piece[first:last]) for first, last in pairwise(edges))


def _mean(points: Sequence[Point]) -> Point:
    n = len(points)
    return Point(sum(p.step for p in points) / n, sum(p.value for p in points) / n)
