"""Sampling: random answers that depend on nothing but their request.

Gumbel noise on the logits turns the greedy choice into a draw from the softmax. Each row draws
from a generator of its own, so the batch around it changes nothing and a run can be resumed.

Axes: B rows of a batch, V vocabulary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["GumbelNoise", "seed_of"]


def seed_of(request_id: str, sample_index: int) -> int:
    """Return the seed of one sample of one request, below 2**63."""
    digest = hashlib.sha256(f"{request_id}:{sample_index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class GumbelNoise:
    """A logits processor for greedy `generate` that makes it sample.

    Parameters
    ----------
    seeds_B
        One per row.
    temperature
        Above 0.
    top_p
        Smallest probability mass that is kept, most likely tokens first; in (0, 1].
    """

    def __init__(self, seeds_B: Sequence[int], *, temperature: float, top_p: float) -> None:
        # on the CPU, so that a seed means the same on every device
        self._generators_B = [torch.Generator().manual_seed(seed) for seed in seeds_B]
        self._temperature = temperature
        self._top_p = top_p

    def __call__(self, ids: Tensor, scores_BV: Tensor) -> Tensor:  # noqa: ARG002  the protocol
        """Return logits whose largest entry is a draw."""
        scores_BV = self._nucleus(scores_BV.float() / self._temperature)
        uniform_BV = torch.stack(
            [torch.rand(scores_BV.shape[1], generator=g) for g in self._generators_B]
        ).clamp_(min=1e-20)
        return scores_BV - torch.log(-torch.log(uniform_BV)).to(scores_BV.device)

    def _nucleus(self, scores_BV: Tensor) -> Tensor:
        if self._top_p >= 1.0:
            return scores_BV
        ordered_BV, index_BV = scores_BV.sort(dim=1, descending=True)
        share_BV = ordered_BV.softmax(dim=1)
        # a token stays while the mass before it is below top_p: the first always does
        is_out_BV = share_BV.cumsum(dim=1) - share_BV >= self._top_p
        return scores_BV.masked_fill(is_out_BV.scatter(1, index_BV, is_out_BV), -torch.inf)
