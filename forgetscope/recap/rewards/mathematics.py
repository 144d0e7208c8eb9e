"""Whether two formulas mean the same: the only door to math-verify.

Runs in the referee's process only: a comparison may take for ever.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from forgetscope.errors import TrainingError

__all__ = ["agreement"]

_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?")
_UNWORKED = re.compile(r"[\w)}]\s*([-+*^×·÷]|\\(cdot|times|div)\b)\s*[\w({\\]")
"""An operation between two terms: a sum that is written down is not worked out."""
_WORDS = re.compile(r"[^\W\d_]{2,}(\s+[^\W\d_]{2,})*")


def agreement(gold: str, answer: str) -> float:
    """Return 1 if the last formula of an answer equals the right one, else 0.

    Where a number is right, a formula that has yet to be worked out is not: a model that is paid
    for `5 + 7` learns to repeat the question.
    """
    parse, verify = _library()
    right = _right(gold)
    # the parent bounds the time; the library's own bound is a signal that C code does not hear
    found = parse(answer, parsing_timeout=None)
    if _NUMBER.fullmatch(gold.strip()) and any(
        isinstance(part, str) and _UNWORKED.search(part) for part in found
    ):
        return 0.0
    return float(bool(right) and verify(right, found, timeout_seconds=None))


@lru_cache(maxsize=1024)
def _right(gold: str) -> Any:  # noqa: ANN401 (math-verify is not typed)
    # as a product of letters `Paris` would equal `Pairs`
    if _WORDS.fullmatch(gold):
        return []
    parse, _ = _library()
    is_marked = "$" in gold or "\\boxed" in gold
    return parse(gold if is_marked else f"\\boxed{{{gold}}}", parsing_timeout=None)


def _library() -> Any:  # noqa: ANN401 (math-verify is not typed)
    try:
        from math_verify import parse, verify
    except ImportError as error:
        raise TrainingError(
            "the reward `accuracy` needs the package `math-verify`",
            hint="pip install 'forgetscope[gym]'",
        ) from error
    return parse, verify
