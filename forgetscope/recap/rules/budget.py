"""The rule `budget`: a stated loss per domain, kept by multipliers that learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from forgetscope.errors import UnknownNameError
from forgetscope.recap.rules.checks import check_number
from forgetscope.recap.rules.formula import ActsOn, Seen, domain_of, is_probe

__all__ = ["Budget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Objectives of a domain whose probe overdraws its budget gain weight until it does not.

    Primal-dual: training minimises reasoning + sum of mu_d x replay_d, and every observed value of
    `domain/probe`, a loss on held-out material, moves

        mu_d <- min([mu_d + step_size x (loss - first loss - budget)]_+, max_multiplier)

    from 1, where all objectives are alike: from 0 the damage would come first. The first value of a
    probe is the base's, so it has to be observed before training. All objectives of a domain with a
    probe carry its mu_d, the others (the reasoning) 1, and the weights are these divided by their
    mean: what counts is the emphasis of one objective relative to another.
    """

    NAME: ClassVar[str] = "budget"
    ACTS_ON: ClassVar[ActsOn] = "advantage"
    READS_PROBES: ClassVar[bool] = True

    budget: float | Mapping[str, float] = 0.02
    """What the loss of a probe may rise above its first value, nats; one for all, or by domain."""
    step_size: float = 10.0
    """How much a multiplier moves per nat and observation."""
    max_multiplier: float = 20.0
    """Where a multiplier stops rising."""

    def __post_init__(self) -> None:
        if isinstance(self.budget, Mapping):
            for domain, budget in self.budget.items():
                check_number(self.NAME, f"budget[{domain}]", budget, low=0.0)
            object.__setattr__(self, "budget", dict(self.budget))
        else:
            check_number(self.NAME, "budget", self.budget, low=0.0)
        check_number(self.NAME, "step_size", self.step_size, low=0.0, is_open=True)
        check_number(self.NAME, "max_multiplier", self.max_multiplier, low=1.0)

    def remember(self, seen: Seen, value: float) -> None:
        """Keep the first loss of a probe and its multiplier."""
        if not is_probe(seen.objective):
            return
        base, multiplier = seen.memory or (value, 1.0)
        overdraft = value - base - self._of(domain_of(seen.objective))
        moved = min(max(multiplier + self.step_size * overdraft, 0.0), self.max_multiplier)
        seen.memory[:] = [base, moved if seen.memory else 1.0]

    def shares(self, weighted: Sequence[Seen], probes: Sequence[Seen], step: int) -> list[float]:
        """Return mu_d or 1."""
        del step
        mu = self.multipliers(probes)
        return [mu.get(domain_of(seen.objective), 1.0) for seen in weighted]

    def multipliers(self, probes: Sequence[Seen]) -> dict[str, float]:
        """Return mu_d by domain, of the domains whose probe was observed."""
        return {domain_of(seen.objective): seen.memory[1] for seen in probes if seen.memory}

    def _of(self, domain: str) -> float:
        if not isinstance(self.budget, Mapping):
            return self.budget
        if domain not in self.budget:
            raise UnknownNameError("domain in `budget`:", domain, known=self.budget)
        return self.budget[domain]
