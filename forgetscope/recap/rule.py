"""STUB until the branch `rules` lands."""

from __future__ import annotations

from typing import Any, Protocol


class Rule(Protocol):
    acts_on: str

    def observe(self, objective: str, value: float, kind: str = "reward") -> None: ...
    def weights(self) -> dict[str, float]: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any]) -> None: ...


def make_rule(name: str, **options: Any) -> Rule:
    raise NotImplementedError
