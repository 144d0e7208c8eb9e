"""How many items a proof needs, and how small a change a number of items can show."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from forgetscope.statistics.change import NetChange
from forgetscope.statistics.tango import constrained_share

__all__ = [
    "ProofChances",
    "RepeatsHelp",
    "chance_of_proof",
    "detectable_change",
    "detectable_from",
    "further_items",
    "planned_change",
    "planned_items",
    "repeats_help",
    "required_items",
    "sufficient_items",
]


def required_items(variance: float, *, gap: float, alpha: float, power: float = 0.8) -> int | None:
    """Return the items needed to tell a mean from a bound that is `gap` away.

    N = ceil((z_{1-alpha} + z_power)^2 variance / gap^2), one-sided; for 0/1 scores without net
    change the variance is the share of pairs that change. `None` if no number suffices.
    """
    if gap <= 0.0 or not variance > 0.0:
        return None
    reach = -float(ndtri(alpha)) + float(ndtri(power))
    return math.ceil(reach**2 * variance / gap**2)


def detectable_change(standard_error: float, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest change that is proved with probability `power`: 2.486 SE by default."""
    return (-float(ndtri(alpha)) + float(ndtri(power))) * standard_error


def further_items(
    change: NetChange, *, margin: float, alpha: float, power: float = 0.8
) -> int | None:
    """Return how many more items would settle an open case; `None` if that cannot be said.

    Plans for FORGOT if the estimate is beyond the margin. Else plans for HELD and, because an
    estimate that is low by chance is lower than the truth, at half the loss seen; where the items
    at hand should already have settled that, at the loss seen; and where they should have settled
    that too, at what brings the interval past the margin if it goes on like this. By the variance
    of the net change (`required_items`): where less than about 5 % of 0/1 items change, the score
    interval asks for up to a third more.
    """
    variance = _planning_variance(change)
    seen = min(change.change, 0.0)
    if change.change < -margin:
        gaps = [-(change.change + margin)]
    else:
        gaps = [margin + max(seen / 2, -margin / 2), margin + seen]
    least = _fewest_to_hold(change, margin=margin, alpha=alpha)
    for gap in gaps:
        needed = required_items(variance, gap=gap, alpha=alpha, power=power)
        if needed is not None and max(needed, least) > change.n:
            return max(needed, least) - change.n
    return _if_it_goes_on(change, margin=margin, alpha=alpha)


def _if_it_goes_on(change: NetChange, *, margin: float, alpha: float) -> int | None:
    """Return the further items after which the interval, shrinking like 1/sqrt(n), is decided."""
    interval = change.interval(alpha)
    gap = abs(change.change + margin)
    is_held = change.change > -margin
    reach = change.change - interval.low if is_held else interval.high - change.change
    if not reach >= gap > 0.0:
        return None
    return max(1, math.ceil(change.n * (reach / gap) ** 2) - change.n)


def detectable_from(change: NetChange, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest change that as many items, changing as these did, can prove.

    The variance is never below what one changed pair more would show; nan where nothing can be
    said, as for a single cluster.
    """
    if change.n == 0:
        return math.nan
    variance = _planning_variance(change)
    return detectable_change(math.sqrt(variance / change.n), alpha=alpha, power=power)


def planned_change(n: int, discordance: float, *, alpha: float, power: float = 0.8) -> float:
    """Return the smallest loss that `n` items prove, were `discordance` of them to change sides."""
    _check_items(n)
    _check_discordance(discordance, 0.0)
    return detectable_change(math.sqrt(discordance / n), alpha=alpha, power=power)


def planned_items(
    discordance: float, *, margin: float, alpha: float, power: float = 0.8, change: float = 0.0
) -> int | None:
    """Return the items needed to settle a 0/1 task, by the variance of its net change alone.

    Parameters
    ----------
    discordance
        Assumed share of items that change sides, either way, in (0, 1].
    margin
        Largest loss that counts as held. The plan is to prove HELD if `change` is above -margin,
        else to prove FORGOT.
    alpha, power
        Error probability of the one-sided proof, and the wanted probability of it.
    change
        Assumed true net change; a loss is negative.

    Returns
    -------
    int or None
        `None` where no number of items suffices: the change is on the margin.

    Notes
    -----
    The score interval also counts the losses that a margin would bring. With less than about 5 %
    of the items changing it asks for more: see `sufficient_items`.
    """
    _check_discordance(discordance, change)
    needed = required_items(
        discordance - change**2, gap=abs(change + margin), alpha=alpha, power=power
    )
    return _at_least_held(needed, margin=margin, alpha=alpha, change=change)


def sufficient_items(
    discordance: float, *, margin: float, alpha: float, power: float = 0.8, change: float = 0.0
) -> int | None:
    """Return the items with which `chance_of_proof` reaches `power`; parameters as `planned_items`.

    N = ceil((z_{1-alpha} sqrt(v0) + z_power sqrt(v1))^2 / (change + margin)^2), with v1 the true
    variance and v0 that of the score test at the margin.
    """
    _check_discordance(discordance, change)
    gap = abs(change + margin)
    if gap == 0.0:
        return None
    tested, true = _variances(discordance, margin=margin, change=change)
    reach = -float(ndtri(alpha)) * math.sqrt(tested) + float(ndtri(power)) * math.sqrt(true)
    needed = math.ceil((reach / gap) ** 2) if reach > 0.0 else 1
    return _at_least_held(needed, margin=margin, alpha=alpha, change=change)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofChances:
    """Probabilities that a study ends in a proof."""

    held: float
    """That the lower bound lies above -margin."""
    forgot: float
    """That the upper bound lies below -margin."""


def chance_of_proof(
    n: int, discordance: float, *, margin: float, alpha: float, change: float = 0.0
) -> ProofChances:
    """Return how likely `n` separate 0/1 items prove HELD, and FORGOT, if `change` is true.

    Normal approximation of the score test of Tango, whose variance is that under the tested
    margin. Within about two points of the truth where five items or more are expected to change.
    """
    _check_items(n)
    _check_discordance(discordance, change)
    tested, true = _variances(discordance, margin=margin, change=change)
    distance = (change + margin) * math.sqrt(n)
    threshold = -float(ndtri(alpha)) * math.sqrt(tested)

    def passes(beyond: float) -> float:
        if true == 0.0:
            return float(beyond > 0.0)
        return float(ndtr(beyond / math.sqrt(true)))

    return ProofChances(held=passes(distance - threshold), forgot=passes(-distance - threshold))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatsHelp:
    """What more samples of the same items could bring."""

    now: float
    """Smallest change that the present samples can prove."""
    least: float
    """The same with samples without end: below it, only more items help."""


def repeats_help(
    n: int, *, between: float, within: float, samples: float, alpha: float, power: float = 0.8
) -> RepeatsHelp:
    """Say how small a change repeated samples can prove.

    The variance of a mean change is (between + within / samples) / n.

    Parameters
    ----------
    n
        Items.
    between
        Variance over items of the expected change.
    within
        Mean variance of the samples of an item, of both sides together.
    samples
        Samples of each item on each side.
    """
    _check_items(n)

    def smallest(variance: float) -> float:
        return detectable_change(math.sqrt(variance / n), alpha=alpha, power=power)

    return RepeatsHelp(now=smallest(between + within / samples), least=smallest(between))


def _check_items(n: int) -> None:
    if n < 1:
        raise ValueError(f"a study needs at least one item, not {n}")


def _check_discordance(discordance: float, change: float) -> None:
    if not abs(change) <= discordance <= 1.0 or discordance == 0.0:
        raise ValueError(
            f"a net change of {change} needs a share of changed items in "
            f"[{abs(change)}, 1] and above 0, not {discordance}"
        )


def _variances(discordance: float, *, margin: float, change: float) -> tuple[float, float]:
    """Return the variance per item at the tested margin, and the true one."""
    lost, gained = (discordance - change) / 2.0, (discordance + change) / 2.0
    share = constrained_share(lost, gained, 1.0, margin)
    return 2.0 * share + margin * (1.0 - margin), discordance - change**2


def _at_least_held(needed: int | None, *, margin: float, alpha: float, change: float) -> int | None:
    """Return no fewer items than prove HELD if none of them changes."""
    if needed is None or change <= -margin or margin <= 0.0:
        return needed
    return max(needed, _fewest_unchanged(margin, alpha))


def _fewest_to_hold(change: NetChange, *, margin: float, alpha: float) -> int:
    """Return how many items prove a margin if none of them changes; 0 where none can say.

    Tango's limits without a changed pair are +-z^2/(n + z^2).
    """
    if not change.is_binary or change.change < -margin or margin <= 0.0:
        return 0
    return _fewest_unchanged(margin, alpha, change.design_effect)


def _fewest_unchanged(margin: float, alpha: float, design_effect: float = 1.0) -> int:
    return math.floor(design_effect * float(ndtri(alpha)) ** 2 * (1 - margin) / margin) + 1


def _planning_variance(change: NetChange) -> float:
    """Return the variance per item, never below what one changed pair more would show."""
    floor = (1 + change.fell + change.rose) / (change.n + 2) if change.is_binary else 0.0
    return max(change.variance, floor) * change.design_effect
