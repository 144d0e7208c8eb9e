"""Advantages that weights cannot cancel out of.

Axes: B completions, G completions of one prompt, K objectives.
"""

from __future__ import annotations

import torch

__all__ = ["weighted_advantages"]

TINY = 1e-4
"""Added to a standard deviation, as TRL does."""


def weighted_advantages(
    rewards_BK: torch.Tensor, *, weights_K: torch.Tensor, group_size: int
) -> torch.Tensor:
    """Return the advantage of every completion, each objective normalised inside its group first.

    As GDPO (arXiv 2601.05242, section 3.2): a_k = (r_k - mean_g) / (std_g + 1e-4), summed with the
    weights. It differs in what the batch is divided by: the standard deviation of the unweighted
    sum, so that a weight common to all objectives is not taken out again.

    Parameters
    ----------
    rewards_BK
        Raw rewards, nan outside an objective's domain; groups stand together.
    weights_K
        Weights of the objectives, mean 1.
    group_size
        G, at least 2.

    Returns
    -------
    torch.Tensor
        Shape B. 0 for a completion that nothing judged.
    """
    rewards_NGK = rewards_BK.view(-1, group_size, rewards_BK.shape[1])
    centred_NGK = rewards_NGK - rewards_NGK.nanmean(dim=1, keepdim=True)
    n_judged_N1K = (~rewards_NGK.isnan()).sum(dim=1, keepdim=True)
    variance_N1K = centred_NGK.square().nansum(dim=1, keepdim=True) / (n_judged_N1K - 1).clamp(
        min=1
    )
    advantages_BK = (centred_NGK / (variance_N1K.sqrt() + TINY)).view_as(rewards_BK)
    scale = advantages_BK.nansum(dim=1).std() + TINY
    weights_K = weights_K.to(rewards_BK.device)
    return (advantages_BK * weights_K).nansum(dim=1) / scale
