"""The rule `random`: weights drawn blindly, as spread out as those of another rule.

The control that any rule has to beat: does it matter *which* objective gets more weight?
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from forgetscope.errors import UsageError
from forgetscope.recap.rules.checks import check_count, check_number
from forgetscope.recap.rules.formula import ActsOn, Seen
from forgetscope.recap.rules.softmax import softmax

__all__ = ["Drawn", "log_spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Log-normal weights whose logarithms have exactly the stated standard deviation at each step.

    A draw is a function of seed, step and the objectives' names alone: there is no generator to
    save, a resumed run goes on exactly, and every process draws the same.
    """

    NAME: ClassVar[str] = "random"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = False

    seed: int | None = None
    """Of the draws; has to be given."""
    spread: float = 0.1
    """Standard deviation (ddof 0) of the logarithms of the weights; see `log_spread`."""
    hold_steps: int = 1
    """Steps for which a draw is kept: a rule with a memory moves slowly, so a fair control may."""

    def __post_init__(self) -> None:
        if self.seed is None:
            raise UsageError("the rule `random` needs a seed", hint='make_rule("random", seed=0)')
        check_count(self.NAME, "seed", self.seed, low=0)
        check_number(self.NAME, "spread", self.spread, low=0.0)
        check_count(self.NAME, "hold_steps", self.hold_steps)

    def remember(self, seen: Seen, value: float) -> None:
        """Keep nothing."""

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return the draw of this step."""
        del probes
        if len(weighted) == 1:
            return [1.0]
        rng = random.Random(f"{self.seed} {step // self.hold_steps}")
        z_K = [rng.gauss(0.0, 1.0) for _ in weighted]
        mean = math.fsum(z_K) / len(z_K)
        deviation = math.dist(z_K, [mean] * len(z_K)) / math.sqrt(len(z_K))
        return softmax([self.spread * (z - mean) / deviation for z in z_K], 1.0)


def log_spread(steps: Iterable[Collection[float]]) -> float:
    """Return how spread out weights are: what `spread` of the rule `random` has to be to match.

    The root of the mean over steps of the variance (ddof 0) of the logarithms.

    Parameters
    ----------
    steps
        The weights of every step, all above 0.

    >>> round(log_spread([[0.5, 2.0], [1.0, 1.0]]), 3)
    0.49
    """
    rows = [list(step) for step in steps]
    if not rows or not all(rows) or min(min(row) for row in rows) <= 0:
        raise UsageError("the spread of weights needs a step, and weights above 0 at every step")
    logarithms = [[math.log(weight) for weight in row] for row in rows]
    return math.sqrt(statistics.fmean([statistics.pvariance(row) for row in logarithms]))
