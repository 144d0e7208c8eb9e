"""The rule `advantage`: our own, on normalised advantages, with signals in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from forgetscope.recap.rules.checks import check_choice, check_count, check_number
from forgetscope.recap.rules.formula import ActsOn, Seen, Sign
from forgetscope.recap.rules.softmax import softmax

__all__ = ["Advantage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advantage:
    """softmax((alpha x setback + (1 - alpha) x unrest) / T), all in nats.

    Every value becomes a surprise in nats: a loss is one already (of supervised replay: per answer
    token), a reward r becomes -log(r + floor), how surprising it is to be rewarded. Over the last
    two windows then

    - the setback is mean(new) - mean(old): above 0 where the objective fell back, below where it
      improves. Of losses it is the logarithm by which the probability of what is right shrank, of
      rewards the logarithm of the code rule's ratio with the floor built in; so it is RECAP's
      convergence, with both kinds in one unit;
    - the unrest is the standard deviation about the mean of each half, so that a steady move does
      not count as volatile.

    Why not the published signals: their ratios let a mastered objective (loss 0.001, all noise) win
    the largest weight, add two quantities of different scales, and explode at a reward of 0. Here
    values that stay within a range of r nats cannot bring a factor above exp(r / T) over an
    objective at rest. Scaling a loss scales its signals, adding a constant changes nothing.

    The weights are meant for advantages that were normalised inside their group, objective by
    objective (GDPO, arXiv:2601.05242): nothing cancels there, and no domain's reward scale leaks
    into another.
    """

    NAME: ClassVar[str] = "advantage"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = False

    window: int = 10
    """Values in each half of a history."""
    temperature: float = 0.2
    """T, nats: a setback of T / alpha brings e times the weight of an objective at rest."""
    alpha: float = 0.5
    """Share of the setback beside the unrest."""
    sign: Sign = "lagging"
    """Who gains weight: who falls back, or (`leading`) who improves."""
    floor: float = 0.05
    """Added to rewards, of which a share or at least 0 is expected; a negative one counts as 0."""

    def __post_init__(self) -> None:
        check_count(self.NAME, "window", self.window)
        check_number(self.NAME, "temperature", self.temperature, low=0.0, is_open=True)
        check_number(self.NAME, "alpha", self.alpha, low=0.0, high=1.0)
        check_choice(self.NAME, "sign", self.sign, get_args(Sign))
        check_number(self.NAME, "floor", self.floor, low=0.0, is_open=True)

    def remember(self, seen: Seen, value: float) -> None:
        """Keep the last 2 x window values, in nats."""
        is_loss = seen.kind == "loss"
        seen.memory.append(value if is_loss else -math.log(max(value, 0.0) + self.floor))
        del seen.memory[: -2 * self.window]

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return the softmax of the scores."""
        del probes, step
        return softmax([self._score(seen.memory) for seen in weighted], self.temperature)

    def _score(self, values: Sequence[float]) -> float:
        size = len(values) // 2
        if size == 0:
            return 0.0
        earlier, later = values[-2 * size : -size], values[-size:]
        old, new = math.fsum(earlier) / size, math.fsum(later) / size
        setback = new - old if self.sign == "lagging" else old - new
        around = math.hypot(math.dist(earlier, [old] * size), math.dist(later, [new] * size))
        unrest = around / math.sqrt(2 * size)
        return self.alpha * setback + (1.0 - self.alpha) * unrest
