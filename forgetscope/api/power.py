"""How many items a proof needs, said before any compute is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.statistics import planned_change, sufficient_items

__all__ = [
    "DISCORDANCES",
    "Level",
    "Plan",
    "PlannedRow",
    "check_discordances",
    "held_items",
    "plan",
    "provable",
]

DISCORDANCES = (0.02, 0.05, 0.10, 0.20)
"""Shares of items that change sides: from a light touch to a deep one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How surely each of several claims has to be proved, and how likely the proof has to be."""

    alpha: float = 0.05
    """Error probability of each one-sided claim over all claims together, in (0, 0.5)."""
    power: float = 0.8
    """Probability of the proof, in [0.5, 1)."""
    claims: int = 1
    """Claims made side by side: rows times checkpoints after the base."""

    def __post_init__(self) -> None:
        if not 0.0 < self.alpha < 0.5:
            raise UsageError(f"alpha must lie between 0 and 0.5: {self.alpha}")
        if not 0.5 <= self.power < 1.0:
            raise UsageError(f"the power must be at least 0.5 and below 1: {self.power}")
        if self.claims < 1:
            raise UsageError(f"there must be at least one claim: {self.claims}")

    @property
    def alpha_each(self) -> float:
        """Error probability of a single claim by Bonferroni's bound.

        A study that is evaluated shares alpha by the joint distribution of its rows, which asks
        for less: planning by this is safe.
        """
        return self.alpha / self.claims


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """What one share of changed items asks for."""

    discordance: float
    """Share of items that change sides, either way."""
    items: int | None
    """Items that prove HELD at the margin, were there no true change."""
    losses: tuple[float, ...]
    """Smallest loss that each of the given numbers of items proves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Items for a margin, and losses for numbers of items."""

    margin: float
    level: Level
    items: tuple[int, ...]
    rows: tuple[PlannedRow, ...]


def plan(
    *,
    margin: float = 0.02,
    discordances: Sequence[float] = DISCORDANCES,
    items: Sequence[int] = (),
    level: Level | None = None,
) -> Plan:
    """Plan a study of 0/1 scores by what changed items it may meet.

    Parameters
    ----------
    margin
        Largest loss that still counts as held, a share.
    discordances
        Assumed shares of items that change sides, each in (0, 1].
    items
        Numbers of items whose smallest provable loss is wanted.
    level
        How surely; default: one claim at alpha 0.05, power 0.8.

    Raises
    ------
    UsageError
        If a setting is out of range.

    Examples
    --------
    >>> plan(margin=0.02, discordances=[0.10]).rows[0].items
    1578
    """
    wanted = level or Level()
    if not 0.0 < margin < 1.0:
        raise UsageError(f"the margin must be a share between 0 and 1: {margin}")
    check_discordances(discordances)
    if any(number < 1 for number in items):
        raise UsageError(f"a number of items must be at least 1: {min(items)}")
    return Plan(
        margin=margin,
        level=wanted,
        items=tuple(items),
        rows=tuple(
            PlannedRow(
                discordance=share,
                items=held_items(share, margin=margin, level=wanted),
                losses=tuple(provable(number, share, level=wanted) for number in items),
            )
            for share in discordances
        ),
    )


def check_discordances(discordances: Sequence[float]) -> None:
    """Raise `UsageError` unless every share of changed items lies in (0, 1]."""
    for share in discordances:
        if not 0.0 < share <= 1.0:
            raise UsageError(
                f"the share of items that change sides must be above 0 and at most 1: {share}",
                hint="write a share such as 0.10",
            )


def held_items(discordance: float, *, margin: float, level: Level) -> int | None:
    """Return the items that prove HELD, were there no true change."""
    return sufficient_items(discordance, margin=margin, alpha=level.alpha_each, power=level.power)


def provable(n: int, discordance: float, *, level: Level, effect: float = 1.0) -> float:
    """Return the smallest loss that `n` items prove; nan without items, at most 1.

    A loss needs as many changed items: where the formula z sqrt(discordance / n) gives a loss
    beyond the assumed share of changed items, the loss itself is that share, and the formula
    becomes z^2 / n.

    Parameters
    ----------
    n
        Items.
    discordance
        Share of items that change sides, in (0, 1].
    level
        How surely.
    effect
        How many times fewer the items are worth than separate 0/1 answers.
    """
    if n < 1:
        return math.nan
    one = planned_change(1, 1.0, alpha=level.alpha_each, power=level.power)
    loss = one * math.sqrt(effect * discordance / n)
    return min(loss if loss <= discordance else effect * one**2 / n, 1.0)
