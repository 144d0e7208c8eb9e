"""What people type: margins, and lists of names."""

from __future__ import annotations

import math

from forgetscope.errors import UsageError

__all__ = ["names", "parse_margin"]


def parse_margin(text: str) -> float:
    """Return a margin as a share: `0.02` is a share already, `2pp` the same in points.

    Raises
    ------
    UsageError
        If it is no number, not positive, or a bare number that can only mean points.

    Examples
    --------
    >>> parse_margin("2pp")
    0.02
    """
    is_points = text.strip().lower().endswith("pp")
    digits = text.strip()[:-2] if is_points else text.strip()
    try:
        value = float(digits)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise UsageError(
            f"`--margin {text}` is no margin", hint="write a share such as 0.02, or points: 2pp"
        )
    if not is_points and value >= 0.5:
        raise UsageError(
            f"`--margin {text}` would be {100 * value:g} points",
            hint=f"for {value:g} points write `--margin {value:g}pp`",
        )
    share = value / 100 if is_points else value
    if share >= 1:
        raise UsageError(f"`--margin {text}` is the whole scale", hint="write points: 2pp")
    return share


def names(text: str | None) -> tuple[str, ...]:
    """Return the names of a comma-separated list, without blanks."""
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))
