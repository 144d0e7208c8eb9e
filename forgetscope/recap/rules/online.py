"""A rule as a training loop holds it: checks what it is told, counts steps, keeps its state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from forgetscope.errors import UsageError
from forgetscope.recap.rules.budget import Budget
from forgetscope.recap.rules.formula import ActsOn, Formula, ObjectiveKind, Seen, is_probe
from forgetscope.recap.rules.signals import LARGEST
from forgetscope.recap.rules.softmax import mean_one
from forgetscope.recap.rules.state import Saved, read_state, write_state

__all__ = ["OnlineRule"]


class OnlineRule:
    """A formula together with what it has seen so far.

    Parameters
    ----------
    formula
        Settings and functions of the rule.
    objectives
        Those that have a weight before they are first observed.
    """

    def __init__(self, formula: Formula, objectives: Iterable[str] = ()) -> None:
        self._formula = formula
        self._seen: dict[str, Seen] = {}
        self._step = 0
        self._visited: set[str] = set()
        self._weights: dict[str, float] | None = None
        self._declared = tuple(objectives)
        for objective in self._declared:
            self._add(Seen(objective=_named(objective)))

    @property
    def name(self) -> str:
        """What the rule is called."""
        return self._formula.NAME

    @property
    def formula(self) -> Formula:
        """The settings, a frozen record."""
        return self._formula

    @property
    def acts_on(self) -> ActsOn:
        """What the weights multiply: raw rewards, or advantages normalised by objective."""
        return self._formula.ACTS_ON

    @property
    def step(self) -> int:
        """Steps completed: a step ends where an objective is observed a second time."""
        return self._step

    @property
    def multipliers(self) -> dict[str, float]:
        """The multiplier of every domain with a probe; empty for all rules but `budget`."""
        if not isinstance(self._formula, Budget):
            return {}
        return self._formula.multipliers([s for s in self._seen.values() if is_probe(s.objective)])

    def observe(self, objective: str, value: float, kind: ObjectiveKind = "reward") -> None:
        """Take in the latest value of an objective."""
        number = _finite(objective, value)
        seen = self._seen.get(objective)
        if seen is None or seen.kind != kind:
            seen = self._introduced(objective, seen, kind)
        if is_probe(objective) and not self._formula.READS_PROBES:
            return
        self._formula.remember(seen, min(max(number, -LARGEST), LARGEST))
        self._add(seen)
        if not is_probe(objective):
            self._visit(objective)
        self._weights = None

    def weights(self) -> dict[str, float]:
        """Return the weight of every objective seen or declared, by name; their mean is 1."""
        if self._weights is None:
            weighted = [seen for seen in self._seen.values() if not is_probe(seen.objective)]
            probes = [seen for seen in self._seen.values() if is_probe(seen.objective)]
            shares = self._formula.shares(weighted, probes, self._step) if weighted else []
            names = [seen.objective for seen in weighted]
            self._weights = dict(zip(names, mean_one(shares), strict=True)) if names else {}
        return dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return all that the rule remembers, as plain values that JSON keeps exactly."""
        return write_state(
            self._formula,
            Saved(step=self._step, visited=self._visited, seen=tuple(self._seen.values())),
        )

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where `state` was taken; nothing changes if it does not fit."""
        saved = read_state(state, self._formula)
        self._seen = {}
        for seen in saved.seen:
            self._add(seen)
        for objective in self._declared:
            if objective not in self._seen:
                self._add(Seen(objective=objective))
        self._step, self._visited, self._weights = saved.step, set(saved.visited), None

    def _introduced(self, objective: str, seen: Seen | None, kind: ObjectiveKind) -> Seen:
        """Return an objective at its first observation."""
        name = _named(objective)
        if kind not in get_args(ObjectiveKind):
            raise UsageError(
                f"`{objective}` was observed as {kind!r}; it must be a `reward` or a `loss`"
            )
        if seen is not None and seen.kind is not None:
            raise UsageError(f"`{objective}` was a {seen.kind} before and is observed as a {kind}")
        if is_probe(name) and kind != "loss":
            raise UsageError(
                f"the probe `{objective}` was observed as a reward; a probe is a loss",
                hint='observe it with kind="loss", or give the objective another name',
            )
        return Seen(objective=name, kind=kind)

    def _add(self, seen: Seen) -> None:
        if self._seen.get(seen.objective) is seen:
            return
        self._seen[seen.objective] = seen
        self._seen = dict(sorted(self._seen.items()))

    def _visit(self, objective: str) -> None:
        if objective in self._visited:
            self._step += 1
            self._visited.clear()
        self._visited.add(objective)


def _named(objective: str) -> str:
    if not isinstance(objective, str) or not objective:
        raise UsageError(f"an objective has a name such as `math/accuracy`, not {objective!r}")
    return objective


def _finite(objective: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"`{objective}` was observed as {value!r}, which is no number") from error
    if not math.isfinite(number):
        raise UsageError(
            f"`{objective}` was observed as {number}; a rule cannot go on from that",
            hint="leave the objective out of a step that measured nothing",
        )
    return number
