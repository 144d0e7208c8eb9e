"""Shares and weights that do not depend on the order of the objectives, to the last bit."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["mean_one", "mixed", "softmax"]


def softmax(scores: Sequence[float], temperature: float) -> list[float]:
    """Return exp(score / T) as shares of their sum; finite for any finite scores.

    Of all shares p these alone maximise <p, scores> + T x entropy(p) (arXiv:2510.21978, Theorem 1).
    """
    top = max(scores)
    powers = [math.exp((score - top) / temperature) for score in scores]
    total = math.fsum(powers)
    return [power / total for power in powers]


def mixed(first: Sequence[float], second: Sequence[float], alpha: float) -> list[float]:
    """Return alpha x first + (1 - alpha) x second."""
    return [alpha * a + (1.0 - alpha) * b for a, b in zip(first, second, strict=True)]


def mean_one(shares: Sequence[float]) -> list[float]:
    """Return the shares divided by their mean; all 1 where they are all 0."""
    total = math.fsum(shares)
    if total == 0.0:
        return [1.0] * len(shares)
    scale = len(shares) / total
    return [scale * share for share in shares]
