"""Runs: how a recipe is called, and how its marks look beside those of others."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from forgetscope.report import wording

__all__ = ["SHAPES", "Run", "duration", "method_name", "objective_name", "runs_of"]

SHAPES = ("circle", "diamond", "square", "triangle", "wedge")
"""Marks of the methods in turn; shape and word tell them apart, colour only helps."""

_TONES = ("ink", "run-b", "run-c", "run-d")
_NAMES = {
    "grpo": "GRPO",
    "grpo-kl": "GRPO + KL",
    "replay": "Uniform replay",
    "recap": "RECAP",
    "random": "Random weights",
    "static": "Fixed weights",
    "blend": "Blend",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recipe."""

    name: str
    shape: str
    """One of `SHAPES`."""
    tone: str
    """Name of a colour in `theme.TOKENS` or `theme.RUNS`."""


def runs_of(methods: Iterable[str]) -> dict[str, Run]:
    """Return each method's run, in the order in which they first appear."""
    return {
        method: Run(
            name=method_name(method),
            shape=SHAPES[place % len(SHAPES)],
            tone=_TONES[place % len(_TONES)],
        )
        for place, method in enumerate(dict.fromkeys(methods))
    }


def method_name(method: str) -> str:
    """Return a method as people call it.

    >>> method_name("grpo-kl"), method_name("my own")
    ('GRPO + KL', 'my own')
    """
    return _NAMES.get(method, wording.one_line(method)) or "unnamed"


def objective_name(objective: str) -> str:
    """Return an objective as people read it.

    >>> objective_name("general_text/replay"), objective_name("loss")
    ('General text: replay', 'loss')
    """
    domain, slash, what = objective.partition("/")
    if not (slash and domain):
        return wording.one_line(objective)
    return f"{wording.title(domain)}: {wording.one_line(what)}"


def duration(seconds: float) -> str:
    """Return a time, rounded to what matters; empty where it is not known.

    >>> duration(41.3), duration(840), duration(9000)
    ('41 s', '14 min', '2 h 30 min')
    """
    if not (math.isfinite(seconds) and seconds > 0):
        return ""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{wording.count(minutes // 60)} h {minutes % 60} min"
