"""The head of a model: what targets are worth, without all logits in memory at one time.

The logits of a pass are its largest tensor by far, and are read only to be summed. On a CPU they
are made and summed in tiles of the vocabulary that stay in the processor's cache.

Axes: K positions of one pass that predict a target, M targets, V vocabulary, T tokens of one tile,
D numbers of a hidden state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from forgetscope.scoring.trie import IntArray

__all__ = ["Head", "TargetScores"]

_TILE = 2048
"""Tokens of the vocabulary whose logits are in memory at one time, on a CPU."""
_ROWS_AT_ONCE = 128
"""Positions whose float32 logits are in memory at one time, elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScores:
    """What a model says of some targets."""

    logprob_M: Tensor
    """In nats, by a softmax in float32; float64."""
    is_greedy_M: Tensor
    """Whether no other token is more probable."""


class Head:
    """The last layer of a model, and whether its product is all that makes the logits.

    A model that scales or caps its logits is found out by its first pass: what the head is given
    does not come out unchanged, and all logits are asked of it from then on.

    Parameters
    ----------
    model
        A `transformers` model that makes logits of wanted positions alone.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401  untyped library
        found = model.get_output_embeddings() if model.device.type == "cpu" else None
        self._linear = found if _is_a_product(found) else None

    def targets(
        self, read: Callable[[], Tensor], *, row_M: IntArray, target_M: IntArray
    ) -> TargetScores:
        """Return the scores of targets.

        Parameters
        ----------
        read
            Sends a pass through the model and returns its logits, 1 x K x V; may be called twice.
        row_M
            Which of the K positions predicts a target.
        target_M
            Token ids.
        """
        if self._linear is not None:
            with _passing_on(self._linear) as given:
                found = read()
            if len(given) == 1 and found is given[0]:
                return _by_tile(found[0], self._linear, row_M=row_M, target_M=target_M)
            self._linear = None
        return _by_row(read()[0], row_M=row_M, target_M=target_M)


def _is_a_product(head: object) -> bool:
    """Whether a layer multiplies by its weight and does nothing else.

    An adapter's layer is of a derived class, packed numbers are of a derived tensor, and weights
    that are fetched when they are needed come with a `forward` of their own.
    """
    return (
        type(head) is torch.nn.Linear
        and type(head.weight.data) is Tensor
        and "forward" not in vars(head)
    )


@contextmanager
def _passing_on(head: Any) -> Iterator[list[Tensor]]:  # noqa: ANN401  its method is replaced
    """Let the head return what it is given within this block, and note it."""
    given: list[Tensor] = []

    def pass_on(hidden: Tensor) -> Tensor:
        given.append(hidden)
        return hidden

    head.forward = pass_on
    try:
        yield given
    finally:
        del head.forward


def _by_tile(
    hidden_KD: Tensor, head: torch.nn.Linear, *, row_M: IntArray, target_M: IntArray
) -> TargetScores:
    order_M = target_M.argsort(kind="stable")
    starts = range(0, len(head.weight), _TILE)
    edges = target_M[order_M].searchsorted([*starts, len(head.weight)]).tolist()
    picked_M = torch.empty(len(target_M))
    norms, tops, bests = [], [], []
    for start, low, high in zip(starts, edges, edges[1:], strict=False):
        bias_T = None if head.bias is None else head.bias[start : start + _TILE]
        logits_KT = linear(hidden_KD, head.weight[start : start + _TILE], bias_T).float()
        own = order_M[low:high]
        picked_M[own] = logits_KT[row_M[own], target_M[own] - start]
        top_K, best_K = logits_KT.max(dim=1)
        norms.append(logits_KT.logsumexp(dim=1))
        tops.append(top_K)
        bests.append(best_K + start)
    norm_K = torch.stack(norms).logsumexp(dim=0)
    best_K = torch.stack(bests).gather(0, torch.stack(tops).argmax(dim=0, keepdim=True))[0]
    return _compared(picked_M, norm_K, best_K, row_M=row_M, target_M=target_M)


def _by_row(logits_KV: Tensor, *, row_M: IntArray, target_M: IntArray) -> TargetScores:
    parts = torch.split(logits_KV, _ROWS_AT_ONCE)
    norm_K = torch.cat([part.float().logsumexp(dim=1) for part in parts])
    best_K = torch.cat([part.argmax(dim=1) for part in parts])
    picked_M = logits_KV[row_M, target_M].float()
    return _compared(picked_M, norm_K, best_K, row_M=row_M, target_M=target_M)


def _compared(
    picked_M: Tensor, norm_K: Tensor, best_K: Tensor, *, row_M: IntArray, target_M: IntArray
) -> TargetScores:
    is_greedy_M = best_K[row_M] == torch.from_numpy(target_M).to(best_K.device)
    return TargetScores(logprob_M=(picked_M - norm_K[row_M]).double(), is_greedy_M=is_greedy_M)
