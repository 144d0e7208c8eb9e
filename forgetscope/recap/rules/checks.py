"""Settings of a rule that cannot be meant, told with the value and its range."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real

from forgetscope.errors import UnknownNameError, UsageError

__all__ = ["check_choice", "check_count", "check_number"]


def check_number(
    rule: str,
    name: str,
    value: object,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    is_open: bool = False,
) -> None:
    """Raise a `UsageError` unless `value` is a finite number from `low` to `high`.

    `is_open` leaves `low` itself out.
    """
    wanted = _range(low, high, is_open=is_open)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError(f"`{name}` of the rule `{rule}` is {value!r}; it must be {wanted}")
    number = float(value)
    is_low_enough = low < number if is_open else low <= number
    if not (math.isfinite(number) and is_low_enough and number <= high):
        raise UsageError(f"`{name}` of the rule `{rule}` is {value}; it must be {wanted}")


def check_count(rule: str, name: str, value: object, *, low: int = 1) -> None:
    """Raise a `UsageError` unless `value` is a whole number from `low` on."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise UsageError(
            f"`{name}` of the rule `{rule}` is {value!r}; it must be a whole number, at least {low}"
        )


def check_choice(rule: str, name: str, value: object, known: Collection[str]) -> None:
    """Raise an `UnknownNameError` unless `value` is one of the known ones."""
    if value not in known:
        raise UnknownNameError(f"`{name}` of the rule `{rule}`:", str(value), known=known)


def _range(low: float, high: float, *, is_open: bool) -> str:
    if math.isfinite(high):
        return f"a number from {low:g} to {high:g}"
    if math.isfinite(low):
        return f"a finite number above {low:g}" if is_open else f"a finite number, at least {low:g}"
    return "a finite number"
