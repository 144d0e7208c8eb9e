"""What asking the base again changed: the noise of batch shapes, in one sentence."""

from __future__ import annotations

import math

from forgetscope.records import Comparison, NoiseFloors
from forgetscope.report import wording

__all__ = ["nats", "rerun_words"]


def rerun_words(comparison: Comparison) -> str:
    """Return what a rerun of the base in other batches changed; empty where there was none."""
    cells = (cell.findings.noise for cell in comparison.domains)
    floors = [floor for floor in cells if floor is not None and floor.rerun_n]
    if not floors:
        return ""
    parts = [part for part in (_sides(floors), _largest(floors)) if part]
    return f"The base was asked again in other batches: {' and '.join(parts)}"


def nats(value: float) -> str:
    """Return a difference of log-probabilities, mostly a rounding, with two digits.

    >>> nats(0.0000312), nats(0.0)
    ('3.1e-05', '0')
    """
    return f"{value:.1e}" if 0.0 < value < 0.001 else f"{value:.2g}"


def _sides(floors: list[NoiseFloors]) -> str:
    sided = [floor for floor in floors if not math.isnan(floor.rerun)]
    n = sum(floor.rerun_n for floor in sided)
    moved = sum(round(floor.rerun * floor.rerun_n) for floor in sided)
    return f"{wording.count(moved)} of {wording.count(n)} items change sides" if n else ""


def _largest(floors: list[NoiseFloors]) -> str:
    known = [floor.rerun_nats for floor in floors if not math.isnan(floor.rerun_nats)]
    return f"log-probabilities differ by at most {nats(max(known))} nat" if known else ""
