"""The types of the weighting rules, checked by mypy and never run."""

from typing import Any

from forgetscope.recap import Rule, RuleOptions, make_rule


class Own:
    """A rule of somebody else, who imports nothing."""

    name = "own"
    acts_on = "reward"

    def observe(self, objective: str, value: float, kind: str = "reward") -> None: ...


def _check(settings: dict[str, Any]) -> None:
    rule: Rule = make_rule("code", temperature=0.2, sign="leading", objectives=["math/accuracy"])
    rule.observe("math/accuracy", 0.5)
    rule.observe("facts/replay", 1.2, kind="loss")
    weights: dict[str, float] = rule.weights()
    options: RuleOptions = {"budget": {"facts": 0.02}, "max_multiplier": 5.0}
    other: Rule = make_rule("budget", **options)
    other.load_state_dict(rule.state_dict())
    multipliers: dict[str, float] = other.multipliers
    read: Rule = make_rule("paper", **settings)
    make_rule("code", temprature=0.2)  # type: ignore[call-arg]
    make_rule("code", sign="upwards")  # type: ignore[arg-type]
    own: Rule = Own()  # type: ignore[assignment]
    del weights, multipliers, read, own
