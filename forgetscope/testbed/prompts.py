"""What reinforcement learning on the testbed's target needs: prompts, and rewards for answers."""

from __future__ import annotations

import random
import re

from forgetscope.records import Document, Role
from forgetscope.testbed.domains import different_rows, domains

__all__ = ["accuracy", "marked_once", "target_prompts"]


def target_prompts(*, n: int, seed: int) -> tuple[Document, ...]:
    """Return different questions of the target domain, none of them held out.

    Parameters
    ----------
    n
        How many; all where the domain has fewer.
    seed
        Of the draw; equal seeds give equal questions.
    """
    target = next(domain for domain in domains() if domain.role is Role.TARGET)
    drawn = different_rows(target, random.Random(seed), held_out=False, n=n)
    return tuple(Document(prompt=row.prompt, gold=row.gold) for row in drawn)


def accuracy(completion: str, gold: str) -> float:
    """Return 1 if the last number of the completion is `gold`, marked by `#` or not, else 0.

    >>> accuracy("11,16#23", "23"), accuracy("23", "23"), accuracy("#24", "23")
    (1.0, 1.0, 0.0)
    """
    found = re.search(r"(\d+)$", completion)
    return float(found is not None and found[1] == gold)


def marked_once(completion: str, gold: str) -> float:
    """Return 1 if the completion ends in a number with the only `#` before it, else 0.

    >>> marked_once("11,16#24", "23"), marked_once("23", "23"), marked_once("#1#2", "2")
    (1.0, 0.0, 0.0)
    """
    del gold  # the form says nothing about what is right
    return float(re.fullmatch(r"[^#]*#\d+", completion) is not None)
