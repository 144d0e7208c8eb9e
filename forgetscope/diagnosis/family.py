"""How sure each claim must be when many are made side by side.

All rows of all comparisons that a reader sees together are one family: the domains, the tasks and
the totals each on their own. The chance that any row without change looks changed is held at alpha
by the distribution of the largest deviation (max-t), which knows how rows move together: later
checkpoints share their items and most of their changes with earlier ones. Rows where few items
changed are no matter for a normal distribution; they leave and share alpha evenly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.row import Row
from forgetscope.statistics import Residuals, each_alpha, joint_covariance, joint_quantile

__all__ = ["DRAWS", "block_of", "levels"]

DRAWS = 10_000
"""Draws of the largest deviation."""

FEWEST_CHANGED = 20
"""Clusters that must have changed for a row to stay among the normal ones."""


def levels(rows_C: Sequence[Sequence[Row]], *, alpha: float, seed: int) -> list[list[float]]:
    """Return the one-sided level of each row's interval, so that all hold together at alpha.

    Parameters
    ----------
    rows_C
        Rows of the C comparisons that are read side by side.
    alpha
        Error probability of each kind of claim over all of them.
    seed
        Of the draws.
    """
    claims = [row for rows in rows_C for row in rows if row.makes_claims]
    if not claims:
        return [[alpha] * len(rows) for rows in rows_C]
    steady = [row for row in claims if _is_steady(row)]
    share = alpha / len(claims)
    joint = _joint_level(steady, alpha=share * len(steady), seed=seed) if steady else share
    return [[joint if _is_steady(row) else share for row in rows] for rows in rows_C]


def _is_steady(row: Row) -> bool:
    change = row.change
    return (
        row.makes_claims
        and row.is_mean
        # bets know no joint distribution
        and row.look is None
        and change.estimate.standard_error > 0.0
        and change.test.n_changed >= FEWEST_CHANGED
    )


def _joint_level(rows: Sequence[Row], *, alpha: float, seed: int) -> float:
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    numbers: dict[str, int] = {}
    blocks = [block_of(named, numbers) for named in by_name.values()]
    quantile = joint_quantile(joint_covariance(blocks), alpha=alpha, seed=seed, draws=DRAWS)
    # the level of a single claim is the least strict a family can be
    return min(each_alpha(quantile), alpha)


def block_of(rows: Sequence[Row], numbers: dict[str, int]) -> Residuals:
    """Return the residuals of one name in all comparisons, over the clusters of any of them."""
    first = rows[0].pairs
    if all(
        row.pairs.clusters == first.clusters and row.pairs.item_ids == first.item_ids
        for row in rows
    ):
        return Residuals(
            cluster_G=_cluster_numbers(first.clusters, first.item_ids, numbers),
            residual_GM=np.stack([row.change.estimate.residual_G for row in rows], axis=1),
        )
    own = [_cluster_numbers(row.pairs.clusters, row.pairs.item_ids, numbers) for row in rows]
    cluster_G = np.unique(np.concatenate(own))
    residual_GM = np.zeros((len(cluster_G), len(rows)))
    for place, (row, number_G) in enumerate(zip(rows, own, strict=True)):
        residual_GM[np.searchsorted(cluster_G, number_G), place] = row.change.estimate.residual_G
    return Residuals(cluster_G=cluster_G, residual_GM=residual_GM)


def _cluster_numbers(
    clusters: Sequence[str], item_ids: Sequence[str], numbers: dict[str, int]
) -> NDArray[np.intp]:
    """Return the numbers of the clusters of some items, the same ones in every task.

    They stand in the order in which the clusters first appear.

    Parameters
    ----------
    clusters, item_ids
        Per item; an item without a cluster is one of its own.
    numbers
        Known numbers by name; new names are added.
    """
    names = dict.fromkeys(map(_either, clusters, item_ids))
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)


def _either(cluster: str, item_id: str) -> str:
    return cluster or item_id
