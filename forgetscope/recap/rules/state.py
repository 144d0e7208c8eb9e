"""The state of a rule as plain values, with the settings it belongs to.

::

    {"schema": "forgetscope.rule/1", "rule": "code", "settings": {"window": 10, ...},
     "step": 41, "visited": ["math/accuracy"],
     "objectives": {"math/accuracy": {"kind": "reward", "memory": [0.4, 0.45, ...]}, ...}}
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any

from forgetscope.errors import UsageError
from forgetscope.recap.rules.formula import Formula, Seen

__all__ = ["Saved", "read_state", "settings_of", "write_state"]

SCHEMA = "forgetscope.rule/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a rule knows at one moment."""

    step: int
    """Steps completed."""
    visited: Collection[str]
    """Objectives observed in the step that is going on."""
    seen: Sequence[Seen]


def write_state(formula: Formula, saved: Saved) -> dict[str, Any]:
    """Return what `read_state` reads back."""
    return {
        "schema": SCHEMA,
        "rule": formula.NAME,
        "settings": settings_of(formula),
        "step": saved.step,
        "visited": sorted(saved.visited),
        "objectives": {
            seen.objective: {"kind": seen.kind, "memory": list(seen.memory)} for seen in saved.seen
        },
    }


def read_state(state: Mapping[str, Any], formula: Formula) -> Saved:
    """Return what a state holds.

    Raises
    ------
    UsageError
        It is no state, or that of a rule with another name or other settings.
    """
    try:
        schema, name, settings = state["schema"], state["rule"], dict(state["settings"])
        saved = Saved(
            step=int(state["step"]),
            visited=[str(objective) for objective in state["visited"]],
            seen=[_seen(objective, row) for objective, row in state["objectives"].items()],
        )
    except UsageError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError("this is no state of a weighting rule, or a part is missing") from error
    if schema != SCHEMA:
        raise UsageError(f"the state of a rule has the schema `{schema}`, not `{SCHEMA}`")
    _refuse_others(name, settings, formula)
    return saved


def settings_of(formula: Formula) -> dict[str, Any]:
    """Return the settings as plain values."""
    return {f.name: _plain(getattr(formula, f.name)) for f in fields(formula)}  # type: ignore[arg-type]


def _seen(objective: str, row: Mapping[str, Any]) -> Seen:
    memory = [float(value) for value in row["memory"]]
    if row["kind"] not in ("reward", "loss", None) or not all(map(math.isfinite, memory)):
        raise UsageError(f"the state of `{objective}` is broken: {dict(row)}")
    return Seen(objective=objective, kind=row["kind"], memory=memory)


def _refuse_others(name: str, settings: Mapping[str, Any], formula: Formula) -> None:
    if name != formula.NAME:
        raise UsageError(
            f"the state is of the rule `{name}`, this rule is `{formula.NAME}`",
            hint=f"make_rule({name!r}, ...) goes on from it",
        )
    own = settings_of(formula)
    for key in sorted(own.keys() | settings.keys()):
        if settings.get(key) != own.get(key):
            raise UsageError(
                f"the state is of a rule `{name}` with `{key}` {settings.get(key)!r}; "
                f"here it is {own.get(key)!r}",
                hint="make the rule with the settings of the run that is resumed",
            )


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value
