"""The rule `paper`: RECAP as the second version of its paper prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from forgetscope.recap.rules.checks import check_choice, check_count, check_number
from forgetscope.recap.rules.formula import ActsOn, Seen, Sign
from forgetscope.recap.rules.signals import halves, instability, lagging
from forgetscope.recap.rules.softmax import softmax

__all__ = ["Paper"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """softmax((c + i) / T) of losses: who improves fast gains weight.

    Phan et al., arXiv:2510.21978v2, Algorithm 1: c = mean(old) / mean(new), i = std(2W values,
    ddof 1) / (mean(new) + mean(old)), and an objective's weight is 1 until it has 2W values. Those
    in their warm-up keep 1 and the others share the rest, so that the mean is 1 at every step. A
    reward is turned into a loss: `ceiling` minus the reward. c is kept within [1 / max_ratio,
    max_ratio].
    """

    NAME: ClassVar[str] = "paper"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = False

    window: int = 10
    """W, values in each half of a history."""
    temperature: float = 5.0
    """T: small values follow the signals, large ones leave all weights near 1."""
    alpha: float | None = None
    """`None`: c + i as printed; a share: alpha x c + (1 - alpha) x i, the paper's ablation."""
    sign: Sign = "leading"
    """Who gains weight by c; `lagging` takes its reciprocal."""
    floor: float = 0.0
    """Added to every mean in c and i, nats or units of the reward; keeps the noise of a mastered
    objective small."""
    max_ratio: float = 10.0
    """Largest c."""
    ceiling: float = 1.0
    """The best reward there is."""

    def __post_init__(self) -> None:
        check_count(self.NAME, "window", self.window)
        check_number(self.NAME, "temperature", self.temperature, low=0.0, is_open=True)
        if self.alpha is not None:
            check_number(self.NAME, "alpha", self.alpha, low=0.0, high=1.0)
        check_choice(self.NAME, "sign", self.sign, get_args(Sign))
        check_number(self.NAME, "floor", self.floor, low=0.0)
        check_number(self.NAME, "max_ratio", self.max_ratio, low=1.0)
        check_number(self.NAME, "ceiling", self.ceiling)

    def remember(self, seen: Seen, value: float) -> None:
        """Keep the last 2W losses."""
        seen.memory.append(self.ceiling - value if seen.kind == "reward" else value)
        del seen.memory[: -2 * self.window]

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return 1 in the warm-up, and of those beyond it their number times the softmax."""
        del probes, step
        full = 2 * self.window
        score_K = [self._score(seen) for seen in weighted if len(seen.memory) == full]
        if not score_K:
            return [1.0] * len(weighted)
        ready = iter(softmax(score_K, self.temperature))
        return [
            len(score_K) * next(ready) if len(seen.memory) == full else 1.0 for seen in weighted
        ]

    def _score(self, seen: Seen) -> float:
        of = halves(seen.memory)
        c = lagging(of, is_loss=True, floor=self.floor, largest=self.max_ratio)
        if self.sign == "leading":
            c = 1.0 / c
        # the paper divides by the sum of the two means, twice the mean of all
        i = instability(of, floor=self.floor, ddof=1) / 2
        return c + i if self.alpha is None else self.alpha * c + (1.0 - self.alpha) * i
