"""Early ends: domains that a part of the items has already decided. G clusters, D domains."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from forgetscope.diagnosis.cell import cell
from forgetscope.diagnosis.compare import match
from forgetscope.diagnosis.part import cluster_keys
from forgetscope.diagnosis.row import Row
from forgetscope.diagnosis.score import Criterion
from forgetscope.diagnosis.verdict import why_base_says_nothing
from forgetscope.errors import PairingError
from forgetscope.records import Policy, Profile, Role, Verdict
from forgetscope.statistics import Wager, cluster_path, decided, tickets

__all__ = ["forgotten_so_far", "verdict_so_far"]


def forgotten_so_far(
    before: Profile, after: Profile, *, policy: Policy, seed: int
) -> tuple[str, ...]:
    """Return the general domains that are proved FORGOT by the items answered so far.

    One may look as often as one likes: each domain is a bet on a loss beyond its margin, and the
    chance that any false one is EVER returned is at most the policy's alpha.

    Parameters
    ----------
    before
        All items, so that the largest cluster is known from the beginning.
    after
        Answers to the items with the lowest tickets.
    policy
        Margins and alpha.
    seed
        Of the tickets by which the items come; see `statistics.Portion`.
    """
    rows = [row for row in match(before, after, policy=policy).domains if row.role is Role.GENERAL]
    largest = {row.name: _largest_cluster(before, row.name) for row in rows}
    log_e_D = np.array(
        [
            _evidence(row, largest=largest[row.name], seed=seed)
            if _can_be_lost(row, alpha=policy.alpha)
            else -math.inf
            for row in rows
        ]
    )
    proved_D = decided(log_e_D, alpha=policy.alpha).tolist()
    return tuple(row.name for row, is_proved in zip(rows, proved_D, strict=True) if is_proved)


def verdict_so_far(before: Profile, after: Profile, *, policy: Policy, n_claims: int) -> Verdict:
    """Return the verdict on the only domain of two profiles, as a reader would have it now.

    Parameters
    ----------
    before, after
        What both scored so far; the looks of `after` tell how far it was asked.
    policy
        Margins and alpha.
    n_claims
        Domains times checkpoints that will be read side by side.
    """
    try:
        (row,) = match(before, after, policy=policy).domains
    except PairingError:  # no task of it can be compared, which more items do not mend
        return Verdict.CANNOT_MEASURE
    criterion = Criterion(alpha=policy.alpha, alpha_each=policy.alpha / n_claims, seed=policy.seed)
    return cell(row, criterion).verdict


def _can_be_lost(row: Row, *, alpha: float) -> bool:
    """Whether there is a bet: scores within [0, 1], of equal weight, from a base that has some."""
    pairs = row.pairs
    is_plain = pairs.is_bounded and pairs.weight_I is None and row.is_mean
    return row.makes_claims and is_plain and not why_base_says_nothing(row, alpha=alpha)


def _evidence(row: Row, *, largest: int, seed: int) -> float:
    """Return the best log e-value of "lost more than the margin" along the items so far."""
    pairs = row.pairs
    keys = cluster_keys(pairs.clusters, pairs.item_ids)
    order_I = np.argsort(tickets(keys, seed=seed), kind="stable")
    difference_G = cluster_path(
        (pairs.after_I - pairs.before_I)[order_I],
        pairs.cluster_I[order_I],
        margin=row.margin,
        largest=largest,
    )
    return Wager(margin=row.margin, claim="forgot").update(difference_G).best_log_e


def _largest_cluster(profile: Profile, domain: str) -> int:
    sizes = [
        max(Counter(cluster_keys(column.clusters, column.item_ids)).values())
        for column in profile.columns
        if column.task.domain == domain and column.item_ids
    ]
    return max(sizes, default=1)
