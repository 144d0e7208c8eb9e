"""Policies: how much each domain may lose, and what it is to the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forgetscope.records.task import Role

__all__ = ["DomainPolicy", "Policy", "Weighting"]

Weighting = str | Mapping[str, float]
"""`items`: every item weighs the same; `tasks`: every task does; else a weight per task name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPolicy:
    """What is asked of one domain."""

    margin: float | None = None
    """Largest loss that still counts as held, a share; `None` for the policy's own."""
    role: Role | None = None
    """Tier: GENERAL is judged by the gate, WATCH is shown, TARGET was trained for; `None` as the
    suite has it."""
    weights: Weighting = "items"
    """How the tasks of the domain are weighted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What has to be proved, and how surely."""

    margin: float = 0.02
    """Largest loss that still counts as held: a share in [0, 1), or in the unit of an unbounded
    metric."""
    alpha: float = 0.05
    """Error probability of each one-sided claim over its whole family, in (0, 0.5)."""
    domains: Mapping[str, DomainPolicy] = field(default_factory=dict)
    seed: int = 0
    """Of the draws behind simultaneous intervals and sampled tests."""

    def of(self, domain: str) -> DomainPolicy:
        """Return what is asked of a domain; the defaults where nothing special is."""
        return self.domains.get(domain, DomainPolicy())

    def margin_of(self, domain: str) -> float:
        """Return the margin of a domain."""
        own = self.of(domain).margin
        return self.margin if own is None else own
