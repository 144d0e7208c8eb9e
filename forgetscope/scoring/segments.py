"""Segments: a pack cut into pieces whose attention is computed apart.

In a pack of many branches most tokens do not see each other. A mask over the whole pack computes
those pairs and throws them away; a segment looks at nothing but what one of its tokens sees.

Axes: N tokens of a pack, T positions that a segment looks at, C places where a pack may be cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forgetscope.scoring.trie import IntArray, Pack

__all__ = ["Segment", "segments_of"]

_STRIDE = 128
"""Tokens after which an unbranched stretch may be cut, too."""
_LONGEST = 512
"""Longer segments are not considered: they waste more than a cut costs."""
_COST_OF_SEGMENT = 2048
_COST_OF_KEY = 32
"""In pairs of a query and a key: a call, and copying one key and its value (measured on a CPU)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Neighbouring tokens of a pack, and all that any of them sees."""

    start: int
    stop: int
    """Places in the pack, from `start` to before `stop`."""
    keys_T: IntArray
    """Positions of base and pack, ascending: 0 is the first token of the base."""


def segments_of(pack: Pack) -> tuple[Segment, ...]:
    """Cut a pack where that makes attention cheapest; together the segments are the pack.

    The cheapest of all cuts between sequences and every 128 tokens, found from the front: the best
    end at each place extends the best end at some place before it.
    """
    cut_C = _places_to_cut(pack)
    n_before_C = np.array([np.count_nonzero(pack.ends_N[:cut] > cut) for cut in cut_C[:-1]])
    n_before_C += pack.base
    best_C = np.full(len(cut_C), np.inf)
    best_C[0] = 0.0
    came_from_C = np.zeros(len(cut_C), dtype=np.int64)
    for end in range(1, len(cut_C)):
        first = min(int(np.searchsorted(cut_C, cut_C[end] - _LONGEST)), end - 1)
        n_tokens = cut_C[end] - cut_C[first:end]
        pairs = (n_tokens + _COST_OF_KEY) * (n_before_C[first:end] + n_tokens)
        total = best_C[first:end] + _COST_OF_SEGMENT + pairs
        came_from_C[end] = first + int(total.argmin())
        best_C[end] = total.min()
    segments: list[Segment] = []
    end = len(cut_C) - 1
    while end > 0:
        start = int(came_from_C[end])
        segments.append(_segment(pack, int(cut_C[start]), int(cut_C[end])))
        end = start
    return tuple(reversed(segments))


def _places_to_cut(pack: Pack) -> IntArray:
    n_tokens = len(pack.tokens_N)
    branches = np.flatnonzero(np.diff(pack.positions_N) != 1) + 1
    return np.unique(np.concatenate([branches, np.arange(0, n_tokens, _STRIDE), [n_tokens]]))


def _segment(pack: Pack, start: int, stop: int) -> Segment:
    # what a later token of the segment sees before it, its first token sees as well: preorder
    before = np.flatnonzero(pack.ends_N[:start] > start)
    in_pack = np.concatenate([before, np.arange(start, stop)])
    keys_T = np.concatenate([np.arange(pack.base), pack.base + in_pack])
    return Segment(start=start, stop=stop, keys_T=keys_T)
