"""Policy files: what has to be proved of each domain, in TOML or YAML.

::

    margin = 0.02            # or "2pp"
    alpha = 0.05
    require = "not-forgot"   # or "held"

    [domains.knowledge]
    margin = "3pp"
    tier = "gate"            # gate, watch or target; default: as the suite has it
    weights = "tasks"        # items (default), tasks, or a weight for each task by name

Every key may be left out. Every mistake is a `UsageError` that names the file and the key.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from forgetscope.errors import UsageError, nearest
from forgetscope.records import DomainPolicy, Policy, Role, Task, Weighting
from forgetscope.suites.domains import DOMAINS
from forgetscope.suites.settings import read_settings

__all__ = [
    "POLICY_KEYS",
    "PolicyFile",
    "Require",
    "check_tasks",
    "load_policy",
    "parse_margin",
    "policy_of",
]

Require = Literal["not-forgot", "held"]
"""What passes the gate: nothing proved lost, or everything proved held."""

POLICY_KEYS = ("margin", "alpha", "require", "domains")
"""What a policy says; a suite file may say it too."""

TIERS = {"gate": Role.GENERAL, "watch": Role.WATCH, "target": Role.TARGET}
"""What a domain is to the gate, and the role that says so."""

_WEIGHTINGS = ("items", "tasks")
_MARGIN_HINT = "write a share such as 0.02, or points: 2pp"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """What a policy file says."""

    policy: Policy = field(default_factory=Policy)
    require: Require | None = None
    """What the gate asks for; `None` where the file does not say."""
    where: str = "the policy"
    """What messages call it."""

    def with_margin(self, margin: float | None) -> PolicyFile:
        """Return the same with another general margin; those of single domains stay."""
        if margin is None:
            return self
        return replace(self, policy=replace(self.policy, margin=margin))


def load_policy(path: Path | str) -> PolicyFile:
    """Read a policy file; an empty one asks for what is asked without any.

    Raises
    ------
    UsageError
        If it cannot be read or says something else than a policy; the message names file and key.
    """
    file = Path(path)
    content = read_settings(file, noun="policy", option="--policy")
    return policy_of(content, where=str(file))


def policy_of(content: Mapping[str, Any], *, where: str) -> PolicyFile:
    """Return the policy of plain values; errors speak of `where`."""
    _refuse_unknown(content, POLICY_KEYS, key="", where=where)
    default = Policy()
    domains = content.get("domains", {})
    if not isinstance(domains, Mapping):
        raise _wrong(where, "domains", domains, hint="write one block `[domains.NAME]` for each")
    margin = _margin(content, key="margin", where=where)
    return PolicyFile(
        policy=Policy(
            margin=default.margin if margin is None else margin,
            alpha=_alpha(content, default.alpha, where=where),
            domains={
                name: _domain_policy(name, content, where=where)
                for name, content in domains.items()
            },
        ),
        require=_require(content, where=where),
        where=where,
    )


def parse_margin(value: object, *, where: str = "--margin") -> float:
    """Return a margin as a share: 0.02 is a share already, `2pp` the same in points.

    Parameters
    ----------
    value
        A number, or text.
    where
        What the message calls it: an option, or a file and key.

    Raises
    ------
    UsageError
        If it is no number, not positive, or a bare number that can only mean points.

    Examples
    --------
    >>> parse_margin("2pp")
    0.02
    """
    text = str(value).strip()
    is_points = text.lower().endswith("pp")
    number = _number(text[:-2] if is_points else text)
    if isinstance(value, bool) or not math.isfinite(number) or number <= 0:
        raise UsageError(f"`{where} {text}` is no margin", hint=_MARGIN_HINT)
    if not is_points and number >= 0.5:
        points = f"{number:g}pp" if isinstance(value, str) else f'"{number:g}pp"'
        raise UsageError(
            f"`{where} {text}` would be {100 * number:g} points",
            hint=f"for {number:g} points write {points}",
        )
    share = number / 100 if is_points else number
    if share >= 1:
        raise UsageError(f"`{where} {text}` is the whole scale", hint="write points: 2pp")
    return share


def check_tasks(file: PolicyFile, tasks: Sequence[Task]) -> None:
    """Raise `UsageError` unless the domains and weights of a policy are those of the tasks."""
    measured = dict.fromkeys(task.domain for task in tasks)
    for name, own in file.policy.domains.items():
        if name not in measured:
            raise UsageError(
                f"`{file.where}`: `domains.{name}`: no task of this domain was evaluated",
                hint=_suggestion(name, measured),
            )
        if isinstance(own.weights, Mapping):
            _check_weights(own.weights, name, tasks, where=file.where)


def _check_weights(
    weights: Mapping[str, float], domain: str, tasks: Sequence[Task], *, where: str
) -> None:
    of_domain = [task for task in tasks if task.domain == domain]
    known = dict.fromkeys(task.name for task in of_domain)
    for name in weights:
        if name not in known:
            raise UsageError(
                f"`{where}`: `domains.{domain}.weights`: {domain} has no task `{name}`",
                hint=_suggestion(name, known),
            )
    # unbounded tasks are no part of a domain that has bounded ones
    counted = {task.name for task in of_domain if task.is_bounded} or set(known)
    missing = sorted(counted - set(weights))
    if missing:
        raise UsageError(
            f"`{where}`: `domains.{domain}.weights`: no weight for {', '.join(missing)}",
            hint="give each task of the domain a weight",
        )


def _domain_policy(name: str, content: object, *, where: str) -> DomainPolicy:
    key = f"domains.{name}"
    if name not in DOMAINS:
        raise UsageError(f"`{where}`: unknown domain `{key}`", hint=_suggestion(name, DOMAINS))
    if not isinstance(content, Mapping):
        raise _wrong(where, key, content, hint=f"write a block `[{key}]`")
    _refuse_unknown(content, ("margin", "tier", "weights"), key=key, where=where)
    tier = _one_of(content.get("tier"), TIERS, key=f"{key}.tier", where=where)
    return DomainPolicy(
        margin=_margin(content, key=f"{key}.margin", where=where),
        role=None if tier is None else TIERS[tier],
        weights=_weights(content.get("weights", "items"), key=f"{key}.weights", where=where),
    )


def _margin(content: Mapping[str, Any], *, key: str, where: str) -> float | None:
    if "margin" not in content:
        return None
    value = content["margin"]
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _wrong(where, key, value, hint=_MARGIN_HINT)
    return parse_margin(_short(value), where=f"{where}: {key} =")


def _alpha(content: Mapping[str, Any], default: float, *, where: str) -> float:
    value = content.get("alpha", default)
    if not isinstance(value, float) or not 0.0 < value < 0.5:
        raise _wrong(where, "alpha", value, hint="write a number between 0 and 0.5, such as 0.05")
    return value


def _require(content: Mapping[str, Any], *, where: str) -> Require | None:
    found = _one_of(content.get("require"), get_args(Require), key="require", where=where)
    return None if found is None else "held" if found == "held" else "not-forgot"


def _weights(value: object, *, key: str, where: str) -> Weighting:
    if isinstance(value, str):
        return _one_of(value, _WEIGHTINGS, key=key, where=where) or "items"
    if not isinstance(value, Mapping):
        hint = "write items, tasks, or a weight for each task: { arc_easy = 2.0, sciq = 1.0 }"
        raise _wrong(where, key, value, hint=hint)
    if not value:
        raise UsageError(f"`{where}`: `{key}` names no task", hint="leave it out for equal items")
    return {name: _weight(own, key=f"{key}.{name}", where=where) for name, own in value.items()}


def _weight(value: object, *, key: str, where: str) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    weight = _number(value) if is_number else math.nan
    if not (math.isfinite(weight) and weight > 0.0):
        raise _wrong(where, key, value, hint="a weight is a number above 0")
    return weight


def _one_of(value: object, known: Iterable[str], *, key: str, where: str) -> str | None:
    names = tuple(known)
    if value is None or (isinstance(value, str) and value in names):
        return value
    hint = _suggestion(value, names) if isinstance(value, str) else f"known: {', '.join(names)}"
    raise _wrong(where, key, value, hint=hint)


def _number(value: object) -> float:
    """Return a number; nan where it is none, or too large for one."""
    try:
        return float(value) if isinstance(value, (int, float)) else float(str(value))
    except (ValueError, OverflowError):
        return math.nan


def _refuse_unknown(
    content: Mapping[str, Any], known: Sequence[str], *, key: str, where: str
) -> None:
    for name in content:
        if name not in known:
            full = f"{key}.{name}" if key else name
            raise UsageError(f"`{where}`: unknown key `{full}`", hint=_suggestion(name, known))


def _suggestion(name: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = nearest(name, names)
    return f"did you mean `{near[0]}`?" if near else f"known: {', '.join(names)}"


def _wrong(where: str, key: str, value: object, *, hint: str) -> UsageError:
    return UsageError(f"`{where}`: `{key}` cannot be {_short(value)!r}", hint=hint)


def _short(value: object) -> object:
    """Return a value that fits into a message."""
    try:
        text = str(value)
    except (ValueError, RecursionError):  # thousands of digits, or of tables in tables
        return "..."
    return value if len(text) <= 60 else f"{text[:57]}..."
