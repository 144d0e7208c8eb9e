"""The rule `code`: RECAP as its authors' released code computes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from forgetscope.recap.rules.checks import check_choice, check_count, check_number
from forgetscope.recap.rules.formula import ActsOn, Seen, Sign
from forgetscope.recap.rules.signals import halves, instability, lagging
from forgetscope.recap.rules.softmax import mixed, softmax

__all__ = ["Code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """alpha x softmax(c / T) + (1 - alpha) x softmax(i / T), on raw rewards and replay losses.

    Phan et al., arXiv:2510.21978, in the code they released. c grows where an objective stands
    still or falls back: mean(old) / mean(new) of a reward, mean(new) / mean(old) of a loss, over
    the halves of whatever the last 2 x window values are; i is their standard deviation (ddof 0)
    over their mean. One value alone gives c = 1 and i = 0.

    Two things differ. The released code takes the direction of c, for all histories at once, from
    the kind of the batch at hand; here every objective keeps its own, so that one set of weights
    holds for all of them. And c is kept within [1 / max_ratio, max_ratio], because there a first
    reward of 0 makes it 1e14.
    """

    NAME: ClassVar[str] = "code"
    ACTS_ON: ClassVar[ActsOn] = "reward"
    READS_PROBES: ClassVar[bool] = False

    window: int = 10
    """Values in each half of a history."""
    temperature: float = 5.0
    """T: small values follow the signals, large ones leave all weights near 1."""
    alpha: float = 0.5
    """Share of convergence beside instability."""
    anneal_steps: int | None = None
    """In place of a fixed alpha: falls from 1 to 0 over so many steps."""
    sign: Sign = "lagging"
    """Who gains weight by c; `leading` takes its reciprocal."""
    floor: float = 0.0
    """Added to every mean in c and i, in units of the reward or nats; keeps the noise of a mastered
    objective small."""
    max_ratio: float = 10.0
    """Largest c."""

    def __post_init__(self) -> None:
        check_count(self.NAME, "window", self.window)
        check_number(self.NAME, "temperature", self.temperature, low=0.0, is_open=True)
        check_number(self.NAME, "alpha", self.alpha, low=0.0, high=1.0)
        if self.anneal_steps is not None:
            check_count(self.NAME, "anneal_steps", self.anneal_steps)
        check_choice(self.NAME, "sign", self.sign, get_args(Sign))
        check_number(self.NAME, "floor", self.floor, low=0.0)
        check_number(self.NAME, "max_ratio", self.max_ratio, low=1.0)

    def remember(self, seen: Seen, value: float) -> None:
        """Keep the last 2 x window values."""
        seen.memory.append(value)
        del seen.memory[: -2 * self.window]

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return the mixture of both softmaxes."""
        del probes
        c_K, i_K = [], []
        for seen in weighted:
            c, i = self._signals(seen)
            c_K.append(c)
            i_K.append(i)
        return mixed(
            softmax(c_K, self.temperature), softmax(i_K, self.temperature), self._alpha(step)
        )

    def _signals(self, seen: Seen) -> tuple[float, float]:
        if len(seen.memory) < 2:
            return 1.0, 0.0
        of = halves(seen.memory)
        c = lagging(of, is_loss=seen.kind == "loss", floor=self.floor, largest=self.max_ratio)
        return c if self.sign == "lagging" else 1.0 / c, instability(of, floor=self.floor, ddof=0)

    def _alpha(self, step: int) -> float:
        if self.anneal_steps is None:
            return self.alpha
        return max(1.0 - step / self.anneal_steps, 0.0)
