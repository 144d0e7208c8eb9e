"""Advantages that weights cannot cancel out of.

Axes: B completions, N groups of G completions of one prompt each, K objectives.
"""

from __future__ import annotations

import torch

__all__ = ["AGGREGATIONS", "weighted_advantages"]

TINY = 1e-4
"""Added to a standard deviation, as TRL does."""


def weighted_advantages(
    rewards_BK: torch.Tensor,
    *,
    weights_K: torch.Tensor,
    group_size: int,
    aggregation: str = "sum_then_normalize",
    scale: str = "group",
) -> torch.Tensor:
    """Return the weighted sum of what every objective adds to a completion's advantage.

    A weight on rewards is divided out again where a group is normalised, and what is common to a
    domain is lost. Here the advantage is taken apart first, and its parts are weighted: weights of
    1 give TRL's own advantages, and a factor common to a domain is a factor of its advantages.

    Parameters
    ----------
    rewards_BK
        Raw rewards, nan outside an objective's domain; groups stand together.
    weights_K
        Weights of the objectives, mean 1.
    group_size
        G, at least 2.
    aggregation
        A name in `AGGREGATIONS`; TRL's `multi_objective_aggregation`.
    scale
        What the sum of rewards is divided by: the deviation of its `group`, of the `batch`, or
        `none`; TRL's `scale_rewards`.

    Returns
    -------
    torch.Tensor
        Shape B. 0 for a completion that nothing judged.
    """
    rewards_NGK = rewards_BK.view(-1, group_size, rewards_BK.shape[1])
    if aggregation == "normalize_then_sum":
        parts_BK = _normalised(rewards_NGK)
    else:
        parts_BK = _shares(rewards_NGK, scale)
    return (parts_BK * weights_K.to(parts_BK)).sum(dim=1)


AGGREGATIONS = ("sum_then_normalize", "normalize_then_sum")
"""GRPO normalises the sum of the rewards; GDPO (arXiv 2601.05242) sums normalised rewards."""


def _shares(rewards_NGK: torch.Tensor, scale: str) -> torch.Tensor:
    """Return the parts of GRPO's advantage: r_k less its mean, over the deviation of the sum."""
    is_judged_NG1 = ~rewards_NGK.isnan().all(dim=2, keepdim=True)
    filled_NGK = rewards_NGK.nan_to_num(0.0).where(is_judged_NG1, torch.nan)
    centred_NGK = filled_NGK - filled_NGK.nanmean(dim=1, keepdim=True)
    sums_NG1 = filled_NGK.sum(dim=2, keepdim=True)
    if scale == "group":
        centred_NGK = centred_NGK / (_deviation(sums_NG1, dim=1) + TINY)
    elif scale == "batch":
        centred_NGK = centred_NGK / (_deviation(sums_NG1.view(1, -1, 1), dim=1) + TINY)
    return centred_NGK.nan_to_num(0.0).flatten(0, 1)


def _normalised(rewards_NGK: torch.Tensor) -> torch.Tensor:
    """Return the parts of GDPO's advantage: each objective normalised in its group (section 3.2).

    The batch is divided by the deviation of the unweighted sum, so that the weights have no part
    in it.
    """
    centred_NGK = rewards_NGK - rewards_NGK.nanmean(dim=1, keepdim=True)
    parts_NGK = (centred_NGK / (_deviation(rewards_NGK, dim=1) + TINY)).nan_to_num(0.0)
    parts_BK = parts_NGK.flatten(0, 1)
    is_judged_B = ~rewards_NGK.flatten(0, 1).isnan().all(dim=1)
    return parts_BK / (parts_BK.sum(dim=1)[is_judged_B].std() + TINY)


def _deviation(values: torch.Tensor, *, dim: int) -> torch.Tensor:
    """Return the standard deviation (ddof 1) of what is not nan; nan of fewer than two values."""
    centred = values - values.nanmean(dim=dim, keepdim=True)
    n = (~values.isnan()).sum(dim=dim, keepdim=True)
    return (centred.square().nansum(dim=dim, keepdim=True) / (n - 1)).sqrt()
