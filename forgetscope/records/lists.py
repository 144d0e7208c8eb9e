"""Lists of numbers of different lengths, as two arrays. L lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lists"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lists:
    """Lists of numbers, one behind the other.

    >>> two = Lists(values=np.array([1.0, 2.0, 3.0]), ends=np.array([2, 3]))
    >>> two.at(np.array([1, 0])).values.tolist()
    [3.0, 1.0, 2.0]
    """

    values: NDArray[np.float64]
    """All numbers."""
    ends: NDArray[np.int64]
    """Where each list ends among them; the next one begins there."""

    def __len__(self) -> int:
        return len(self.ends)

    def at(self, row_l: NDArray[np.intp]) -> Lists:
        """Return some of the lists, in their order."""
        length_L = np.diff(self.ends, prepend=0)
        length_l = length_L[row_l]
        ends_l = np.cumsum(length_l)
        # each number stands as far behind the start of its list as it will
        shift_l = (self.ends - length_L)[row_l] - (ends_l - length_l)
        place_v = np.arange(ends_l[-1] if len(ends_l) else 0) + np.repeat(shift_l, length_l)
        return Lists(values=self.values[place_v], ends=ends_l)
