"""Weighting rules: from what every objective did lately to how much it counts now.

Pure Python, for any training loop::

    rule = make_rule("code")
    rule.observe("math/accuracy", 0.41)                   # once per step and objective
    rule.observe("facts/replay", 1.3, kind="loss")
    weights = rule.weights()                              # {"facts/replay": 1.0..., ...}, mean 1

| rule | who gains weight | acts on |
|---|---|---|
| `code` | who stands still, falls back or is volatile (RECAP's released code) | rewards |
| `paper` | who improves fast or is volatile (RECAP as printed) | advantages |
| `advantage` | who falls back or is volatile, measured in nats | advantages |
| `budget` | domains whose held-out loss rose beyond a stated budget | advantages |
| `uniform` | nobody | advantages |
| `static` | as stated | advantages |
| `random` | whoever is drawn: a control | advantages |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol, TypedDict, Unpack, runtime_checkable

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap.rules.advantage import Advantage
from forgetscope.recap.rules.budget import Budget
from forgetscope.recap.rules.code import Code
from forgetscope.recap.rules.drawn import Drawn
from forgetscope.recap.rules.fixed import Static, Uniform
from forgetscope.recap.rules.formula import ActsOn, Formula, ObjectiveKind, Sign
from forgetscope.recap.rules.online import OnlineRule
from forgetscope.recap.rules.paper import Paper

__all__ = ["RULES", "ObjectiveKind", "Rule", "RuleOptions", "make_rule"]

RULES: dict[str, type[Any]] = {
    formula.NAME: formula for formula in (Code, Paper, Advantage, Budget, Uniform, Static, Drawn)
}
"""The settings record of every rule, by name: its fields are the rule's options."""

_FOR_ALL = ("objectives",)


@runtime_checkable
class Rule(Protocol):
    """What a training loop needs of a rule."""

    @property
    def name(self) -> str:
        """What the rule is called."""
        ...

    @property
    def acts_on(self) -> ActsOn:
        """What the weights multiply: `reward`, or `advantage`."""
        ...

    @property
    def multipliers(self) -> dict[str, float]:
        """The multiplier of every domain with a probe; empty for all rules but `budget`."""
        ...

    def observe(self, objective: str, value: float, kind: ObjectiveKind = "reward") -> None:
        """Take in the latest value of an objective.

        Parameters
        ----------
        objective
            `domain/reward` or `domain/replay`; a held-out `domain/probe` is watched and gets no
            weight.
        value
            Mean raw reward of the batch, or mean loss in nats per answer token; finite.
        kind
            Stays the same for an objective.
        """
        ...

    def weights(self) -> dict[str, float]:
        """Return the weight of every objective seen or declared, by name; their mean is 1."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return all that the rule remembers, as plain values that JSON keeps exactly."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where `state` was taken, with the same settings."""
        ...


class RuleOptions(TypedDict, total=False):
    """Every option of any rule; what it means and its default stand in the rule's own record."""

    objectives: Sequence[str]
    seed: int | None
    window: int
    temperature: float
    alpha: float | None
    anneal_steps: int | None
    sign: Sign
    floor: float
    max_ratio: float
    ceiling: float
    budget: float | Mapping[str, float]
    step_size: float
    max_multiplier: float
    weights: Mapping[str, float]
    spread: float
    hold_steps: int


def make_rule(name: str, **options: Unpack[RuleOptions]) -> Rule:
    """Return a rule that has seen nothing yet.

    A step ends where an objective is observed a second time; `random` then draws anew and an
    annealed alpha moves on. Asking for weights changes nothing.

    Parameters
    ----------
    name
        A name in `RULES`.
    **options
        Fields of that rule's record. `objectives`, which every rule takes: those that have a weight
        before they are first observed. `seed`, likewise: only `random` uses and needs it.

    Raises
    ------
    UnknownNameError
        No rule has that name, or no rule has such an option.
    UsageError
        The option belongs to other rules, or its value is out of range.

    Examples
    --------
    >>> rule = make_rule("code", temperature=0.2, window=1)
    >>> for step in range(2):
    ...     rule.observe("math/accuracy", 0.4 + 0.2 * step)
    ...     rule.observe("facts/replay", 1.0 + 0.2 * step, kind="loss")
    >>> {objective: round(weight, 2) for objective, weight in rule.weights().items()}
    {'facts/replay': 1.3, 'math/accuracy': 0.7}
    """
    if name not in RULES:
        raise UnknownNameError("rule", name, known=RULES)
    given: dict[str, Any] = dict(options)
    objectives = given.pop("objectives", ())
    if isinstance(objectives, str):
        raise UsageError(f"`objectives` is a list of names, not the text {objectives!r}")
    if "seed" not in _options_of(name):
        given.pop("seed", None)
    _refuse_unknown(name, given)
    formula: Formula = RULES[name](**given)
    return OnlineRule(formula, objectives)


def _refuse_unknown(rule: str, given: Mapping[str, Any]) -> None:
    own = _options_of(rule)
    for option in given:
        if option in own:
            continue
        owners = [f"`{name}`" for name in RULES if option in _options_of(name)]
        if not owners:
            raise UnknownNameError(f"option of the rule `{rule}`:", option, known=[*own, *_FOR_ALL])
        raise UsageError(
            f"the rule `{rule}` has no option `{option}`; it belongs to {', '.join(owners)}",
            hint=f"`{rule}` takes {', '.join([*own, *_FOR_ALL])}",
        )


def _options_of(rule: str) -> list[str]:
    return [f.name for f in fields(RULES[rule])]
