"""The rules `uniform` and `static`: weights that nothing moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap.rules.checks import check_number
from forgetscope.recap.rules.formula import ActsOn, Seen

__all__ = ["Static", "Uniform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Every objective weighs 1: plain replay."""

    NAME: ClassVar[str] = "uniform"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = False

    def remember(self, seen: Seen, value: float) -> None:
        """Keep nothing."""

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return 1 each."""
        del probes, step
        return [1.0] * len(weighted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """Every objective keeps the weight it was given, divided by the mean of those observed."""

    NAME: ClassVar[str] = "static"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = False

    weights: Mapping[str, float] = field(default_factory=dict)
    """Has to be given. By objective, not negative, in any unit."""

    def __post_init__(self) -> None:
        if not isinstance(self.weights, Mapping) or not self.weights:
            raise UsageError(
                "the rule `static` needs a weight for every objective",
                hint='for instance weights={"math/accuracy": 2, "facts/replay": 1}',
            )
        for objective, weight in self.weights.items():
            check_number(self.NAME, f"weights[{objective}]", weight, low=0.0)
        object.__setattr__(self, "weights", dict(self.weights))

    def remember(self, seen: Seen, value: float) -> None:
        """Keep nothing; refuse an objective without a weight when it is first seen."""
        del value
        self._of(seen)

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return what was given."""
        del probes, step
        return [self._of(seen) for seen in weighted]

    def _of(self, seen: Seen) -> float:
        if seen.objective not in self.weights:
            raise UnknownNameError(
                "objective of the rule `static`:", seen.objective, known=self.weights
            )
        return float(self.weights[seen.objective])
