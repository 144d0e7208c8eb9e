"""What is asked of the sequences of a trie, and what is known so far.

Axes: I spans, in the order of their sequences; M targets read in one pass, K positions of it that
predict any.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.scoring.loglikelihood import SpanScore
from forgetscope.scoring.spans import Span
from forgetscope.scoring.trie import IntArray, Pack, Trie

__all__ = ["AskedSpans", "Sight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The targets that one pass predicts."""

    rows_K: IntArray
    """Places in the pack that predict a target, in order."""
    row_M: IntArray
    """Which of them predicts it, as a place in `rows_K`."""
    target_M: IntArray
    """Token ids."""
    span_M: IntArray
    """Whose target it is."""


class AskedSpans:
    """Spans over the trie of their inputs; a span may be read in several passes.

    Parameters
    ----------
    spans
        What is asked.
    done
        Places of spans that need no score.
    """

    def __init__(self, spans: Sequence[Span], done: Collection[int] = ()) -> None:
        order = sorted(range(len(spans)), key=lambda index: spans[index].inputs)
        self._spans = [spans[index] for index in order]
        self._index = order
        sequences: list[tuple[int, ...]] = []
        starts: list[int] = []
        for place, span in enumerate(self._spans):
            if not sequences or span.inputs != sequences[-1]:
                sequences.append(span.inputs)
                starts.append(place)
        self.trie = Trie(sequences)
        self._edge_S = np.array([*starts, len(order)])
        n_targets_I = np.array([len(span.targets) for span in self._spans], dtype=np.int64)
        n_inputs_I = np.array([len(span.inputs) for span in self._spans], dtype=np.int64)
        self._first_I = n_inputs_I - n_targets_I
        self._open_I = n_targets_I
        self._is_wanted_I = np.array([index not in done for index in order], dtype=bool)
        self._logprob_I = np.zeros(len(order))
        self._is_greedy_I = np.ones(len(order), dtype=bool)

    def is_wanted(self, start: int, stop: int) -> bool:
        """Whether a span of the sequences from `start` to `stop` still lacks a score."""
        return bool(self._is_wanted_I[self._edge_S[start] : self._edge_S[stop]].any())

    def sight(self, pack: Pack, start: int, stop: int) -> Sight:
        """Return the targets of the sequences from `start` to `stop` that a pack predicts.

        Parameters
        ----------
        pack
            Of these sequences, or one stretch that all of them begin with.
        """
        is_shared = len(pack.paths) == 1
        rows: list[IntArray] = []
        targets: list[Sequence[int]] = []
        owners: list[int] = []
        for sequence in range(start, stop):
            path = pack.paths[0 if is_shared else sequence - start]
            upto = pack.base + len(path)
            for place in range(self._edge_S[sequence], self._edge_S[sequence + 1]):
                first = int(self._first_I[place])
                seen = max(first, pack.base)
                if seen < upto:
                    rows.append(path[seen - pack.base :])
                    targets.append(self._spans[place].targets[seen - first : upto - first])
                    owners.append(place)
        counts = [len(own) for own in targets]
        rows_K, row_M = np.unique(
            np.concatenate([np.empty(0, dtype=np.int64), *rows]), return_inverse=True
        )
        return Sight(
            rows_K=rows_K,
            row_M=row_M,
            target_M=np.array([token for own in targets for token in own], dtype=np.int64),
            span_M=np.repeat(np.array(owners, dtype=np.int64), counts),
        )

    def add(
        self, sight: Sight, *, logprob_M: NDArray[np.float64], is_greedy_M: NDArray[np.bool_]
    ) -> list[SpanScore]:
        """Take in what a pass says; return the scores that it completes."""
        np.add.at(self._logprob_I, sight.span_M, logprob_M)
        np.logical_and.at(self._is_greedy_I, sight.span_M, is_greedy_M)
        np.subtract.at(self._open_I, sight.span_M, 1)
        touched = np.unique(sight.span_M)
        complete = touched[self._open_I[touched] == 0]
        self._is_wanted_I[complete] = False
        return [
            SpanScore(
                index=self._index[place],
                logprob=float(self._logprob_I[place]),
                is_greedy=bool(self._is_greedy_I[place]),
            )
            for place in complete.tolist()
        ]

    def give_up(self, start: int, stop: int) -> list[SpanScore]:
        """Return scores without a number for what is still wanted of some sequences."""
        place_I = np.arange(self._edge_S[start], self._edge_S[stop])
        lost = place_I[self._is_wanted_I[place_I]]
        self._is_wanted_I[lost] = False
        return [
            SpanScore(index=self._index[place], logprob=None, is_greedy=False)
            for place in lost.tolist()
        ]
