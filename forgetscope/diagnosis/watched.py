"""Domains that were asked under watch, and stopped when the evidence was enough.

Such a row is judged by bets, which hold whenever one stops. Half of its level goes to them and half
to the interval of the whole domain, for those that nothing decided before all items were asked. No
claim is made where no bet can be: of weighted means, and of several domains that stopped at
different shares of their items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forgetscope.diagnosis.pair import Pairs
from forgetscope.diagnosis.part import cluster_keys, part_of_domains
from forgetscope.diagnosis.row import Row
from forgetscope.errors import PairingError
from forgetscope.records import Look, Profile
from forgetscope.statistics import AnytimeChange, Interval, Portion, anytime_change, tickets

__all__ = ["can_bet", "common_part", "evidence_of", "watched_interval", "why_stopped_says_nothing"]


def common_part(before: Profile, after: Profile) -> tuple[Profile, Profile, Mapping[str, Look]]:
    """Return both profiles up to where both were asked, and the looks by domain."""
    looks: dict[str, Look] = {}
    for look in (*before.looks, *after.looks):
        other = looks.get(look.domain)
        if other is not None and other.seed != look.seed:
            raise PairingError(
                f"`{before.label}` and `{after.label}` were asked {look.domain} in different "
                f"random orders, by the seeds {other.seed} and {look.seed}, and were stopped",
                hint="evaluate both with the same suite, or one of them without `--until-verdict`",
            )
        looks[look.domain] = look.joined(other)
    portions = {
        name: Portion(low=0.0, high=look.share, seed=look.seed)
        for name, look in looks.items()
        if not look.is_whole
    }
    if portions:
        before, after = part_of_domains(before, portions), part_of_domains(after, portions)
    return before, after, looks


def can_bet(row: Row) -> bool:
    """Whether a row's mean can be bet on: scores in [0, 1] of one domain, of equal weight."""
    pairs = row.pairs
    is_plain = pairs.is_bounded and pairs.weight_I is None and row.is_mean
    return is_plain and bool(row.domain) and pairs.n > 0


def why_stopped_says_nothing(row: Row) -> str:
    """Return why a row that stopped before its end has no verdict; empty if it may have one."""
    if not row.was_stopped or can_bet(row):
        return ""
    if not row.domain:
        return "its domains stopped at different shares of their items"
    return "it stopped before its end, and only plain means of scores can be judged then"


def evidence_of(row: Row, look: Look, *, alpha: float) -> AnytimeChange:
    """Return what bets along the items of a row have proved.

    Parameters
    ----------
    row
        One that can be bet on.
    look
        How its items came.
    alpha
        Weakest level that will be asked for.
    """
    pairs = row.pairs
    order_I = _arrival(pairs, seed=look.seed)
    return anytime_change(
        (pairs.after_I - pairs.before_I)[order_I],
        pairs.cluster_I[order_I],
        margins=(row.margin,),
        largest=look.largest,
        alpha=alpha / 2.0,
    )


def watched_interval(row: Row, evidence: AnytimeChange, *, alpha: float) -> Interval:
    """Return an interval that holds although one may have stopped at any moment."""
    found = evidence.interval(alpha / 2.0)
    if row.was_stopped:
        return replace(found, alpha=alpha)
    whole = row.change.interval(alpha / 2.0)
    # fmax: a whole without an interval of its own leaves the ends of the bets
    low, high = float(np.fmax(found.low, whole.low)), float(np.fmin(found.high, whole.high))
    if low > high:  # each end is false only where one of the two intervals is
        return replace(found, alpha=alpha)
    is_whole = not math.isnan(whole.low) and whole.low >= found.low and whole.high <= found.high
    return Interval(
        low=low, high=high, alpha=alpha, method=whole.method if is_whole else found.method
    )


def _arrival(pairs: Pairs, *, seed: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    keys: Sequence[str] = cluster_keys(pairs.clusters, pairs.item_ids)
    return np.argsort(tickets(keys, seed=seed), kind="stable")
