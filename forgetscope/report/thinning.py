"""Which checkpoints of a long series are shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from forgetscope.records import Comparison, Verdict
from forgetscope.report import wording

__all__ = ["MOST_COLUMNS", "kept_places", "thinning_note"]

MOST_COLUMNS = 20
"""Checkpoints that are all shown; of more, some are left out."""

_SETTLED = (Verdict.FORGOT, Verdict.SLIPPED, Verdict.GAINED)


def kept_places(comparisons: Sequence[Comparison]) -> tuple[int, ...]:
    """Return the places of the checkpoints that are shown, the last one always among them.

    Of a long series every k-th, counted from its end, and each at which the verdict of a domain is
    FORGOT, SLIPPED or GAINED for the first time: nothing happens between two columns unseen.
    """
    n = len(comparisons)
    if n <= MOST_COLUMNS:
        return tuple(range(n))
    return tuple(sorted({*range(n - 1, -1, -_stride(n)), *_first_times(comparisons)}))


def thinning_note(n: int, *, n_kept: int) -> str:
    """Return what a reader has to know of the checkpoints left out; empty if there are none.

    >>> thinning_note(60, n_kept=23)[:43]
    'Shown are 23 of 60 checkpoints: every third'
    """
    if n_kept == n:
        return ""
    return (
        f"Shown are {wording.count(n_kept)} of {wording.count(n)} checkpoints: every "
        f"{_ordinal(_stride(n))}, the last, and each at which a domain was FORGOT, SLIPPED or "
        "GAINED for the first time."
    )


def _stride(n: int) -> int:
    return math.ceil(n / MOST_COLUMNS)


def _first_times(comparisons: Sequence[Comparison]) -> Iterator[int]:
    seen: set[tuple[str, Verdict]] = set()
    for place, comparison in enumerate(comparisons):
        now = {(cell.name, cell.verdict) for cell in comparison.domains if cell.verdict in _SETTLED}
        if now - seen:
            yield place
        seen |= now


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
