"""Tries: token sequences in an order in which what they begin with in common is read once.

Axes: S sequences, N tokens of one pack. A pack lists its tokens in preorder: every token after the
tokens before it in its sequence, and every branch in one piece.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["IntArray", "Pack", "Trie", "n_shared"]

IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What one forward pass reads after a base, which is what the model has read before."""

    base: int
    """Tokens of the base, common to all sequences of the pack."""
    tokens_N: IntArray
    positions_N: IntArray
    """Place of each token in its sequence."""
    ends_N: IntArray
    """End of each token's branch: the tokens from its own place to there see it, no others."""
    paths: tuple[IntArray, ...]
    """Of each sequence, the places in the pack of its tokens from `base` on."""


class Trie:
    """Distinct token sequences, sorted, and how much each shares with the one before.

    Parameters
    ----------
    sequences
        Distinct, none empty, in lexicographic order.
    """

    def __init__(self, sequences: Sequence[tuple[int, ...]]) -> None:
        self._tokens = [np.array(sequence, dtype=np.int64) for sequence in sequences]
        self.length_S: IntArray = np.array([len(sequence) for sequence in sequences])
        """Tokens of each sequence."""
        self.shared_S: IntArray = np.array(
            [0, *(n_shared(a, b) for a, b in zip(self._tokens, self._tokens[1:], strict=False))]
        )
        """Tokens that each sequence has in common with the one before it; 0 for the first."""
        self._new_S = np.concatenate([[0], np.cumsum(self.length_S - self.shared_S)])

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self._tokens)

    def new_tokens(self, start: int, stop: int, *, base: int) -> int:
        """Return the tokens to read for the sequences from `start` to `stop`, after a base.

        Parameters
        ----------
        base
            Tokens that all of them have in common and that were read before.
        """
        later = self._new_S[stop] - self._new_S[start + 1]
        return int(self.length_S[start] - base + later)

    def runs(self, start: int, stop: int, *, shared: int) -> list[tuple[int, int]]:
        """Split sequences where neighbours have fewer than `shared` tokens in common."""
        cuts = start + 1 + np.flatnonzero(self.shared_S[start + 1 : stop] < shared)
        edges = [start, *cuts.tolist(), stop]
        return list(itertools.pairwise(edges))

    def common(self, start: int, stop: int) -> int:
        """Return how many tokens the sequences from `start` to `stop` all begin with."""
        if stop - start == 1:
            return int(self.length_S[start])
        return int(self.shared_S[start + 1 : stop].min())

    def pack(self, start: int, stop: int, *, base: int) -> Pack:
        """Return the pack of the sequences from `start` to `stop` after a base."""
        n_tokens = self.new_tokens(start, stop, base=base)
        tokens_N = np.empty(n_tokens, dtype=np.int64)
        positions_N = np.empty(n_tokens, dtype=np.int64)
        ends_N = np.full(n_tokens, n_tokens, dtype=np.int64)
        paths: list[IntArray] = []
        path = np.empty(0, dtype=np.int64)
        filled = 0
        for sequence in range(start, stop):
            kept = max(int(self.shared_S[sequence]) - base, 0) if sequence > start else 0
            ends_N[path[kept:]] = filled
            own = self._tokens[sequence][base + kept :]
            place = slice(filled, filled + len(own))
            tokens_N[place] = own
            positions_N[place] = np.arange(base + kept, base + kept + len(own))
            path = np.concatenate([path[:kept], np.arange(filled, filled + len(own))])
            paths.append(path)
            filled += len(own)
        return Pack(
            base=base,
            tokens_N=tokens_N,
            positions_N=positions_N,
            ends_N=ends_N,
            paths=tuple(paths),
        )

    def stretch(self, sequence: int, *, base: int, stop: int) -> Pack:
        """Return the pack of one stretch of a sequence, from the base to `stop`."""
        tokens_N = self._tokens[sequence][base:stop]
        place_N = np.arange(len(tokens_N))
        return Pack(
            base=base,
            tokens_N=tokens_N,
            positions_N=base + place_N,
            ends_N=np.full(len(tokens_N), len(tokens_N)),
            paths=(place_N,),
        )


def n_shared(one: Sequence[int] | IntArray, other: Sequence[int] | IntArray) -> int:
    """Return how many tokens two sequences begin with in common."""
    n_tokens = min(len(one), len(other))
    differs_N = np.asarray(one[:n_tokens]) != np.asarray(other[:n_tokens])
    return int(differs_N.argmax()) if differs_N.any() else n_tokens
