"""Methods: the recipes that one command compares, from the same base in the same order."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.errors import UnknownNameError

__all__ = ["METHODS", "Method", "method_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What a recipe adds to reinforcement learning on the target."""

    name: str
    summary: str
    replays: bool = True
    """Whether general material is learnt beside the target."""
    beta: float = 0.0
    """Weight of the KL penalty towards the starting model."""
    rule: str | None = None
    """The weighting rule that belongs to it; `None`: the one that is asked for, or none at all."""


_ALL = (
    Method(name="grpo", summary="the target alone", replays=False),
    Method(name="grpo-kl", summary="the target alone, with a KL penalty", replays=False, beta=0.04),
    Method(name="replay", summary="replay, all objectives alike", rule="uniform"),
    Method(name="recap", summary="replay, objectives weighted by a rule"),
    Method(name="random", summary="replay, weights drawn at random", rule="random"),
    Method(name="static", summary="replay, fixed weights", rule="static"),
)
METHODS = {method.name: method for method in _ALL}
"""By name, in the order in which they are told."""


def method_of(name: str) -> Method:
    """Return the method called `name`.

    Raises
    ------
    UnknownNameError
        No method has that name.
    """
    if name not in METHODS:
        raise UnknownNameError("method", name, known=METHODS)
    return METHODS[name]
