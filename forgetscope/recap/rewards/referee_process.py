"""The process behind `Referee`: reads requests, writes one verdict a line."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import IO, Any

from forgetscope.errors import ForgetscopeError

__all__ = ["MEMORY", "main"]

MEMORY = 4 * 2**30
"""Bytes of address space."""


def main() -> None:
    """Answer requests until there are no more."""
    _bound_memory()
    # what a library prints must not be taken for a verdict
    verdicts = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    print("ready", file=verdicts)
    requests = sys.stdin.buffer
    while (request := _next(requests)) is not None:
        print(_verdict(request), file=verdicts)


def _next(requests: IO[bytes]) -> tuple[Any, ...] | None:
    size = requests.read(8)
    if len(size) < 8:
        return None
    # the parent wrote it; what a model wrote is a text inside
    request: tuple[Any, ...] = pickle.loads(requests.read(int.from_bytes(size, "big")))
    return request


def _verdict(request: tuple[Any, ...]) -> str:
    kind, *parts = request
    try:
        return repr(float(_judge_of(kind)(*parts)))
    except ForgetscopeError as error:
        return "!" + " ".join(f"{error} (hint: {error.hint})".split())
    except (Exception, RecursionError):  # a verifier that fails on a text gives it nothing
        return "0.0"


def _judge_of(kind: str) -> Callable[..., float]:
    if kind == "math":
        from forgetscope.recap.rewards.mathematics import agreement

        return agreement
    from forgetscope.recap import gym

    return gym.score


def _bound_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        return  # not every system can; the bound on time stays


if __name__ == "__main__":
    main()
