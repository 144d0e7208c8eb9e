"""Scores: what the tasks make of stored answers, kept beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from forgetscope.evaluation.harness import Built
from forgetscope.store import Answers

__all__ = ["keep_scores"]


def keep_scores(
    built: Iterable[Built], held: Answers, *, scored: Collection[str], sample: int = 0
) -> None:
    """Judge the answers to some tasks and store what comes out.

    Parameters
    ----------
    scored
        Ids of items whose score stands; a task of nothing else is passed over.
    sample
        Which sample of the answers.
    """
    for each in built:
        if all(item.id in scored for item in each.items):
            continue
        # imported late: it loads lm-eval
        from forgetscope.evaluation.harness import judge

        answers = held.by_request([request.id for request in each.requests], sample=sample)
        hashes = {item.id: item.prompt_hash for item in each.items}
        held.put_scores(judge(each, answers), prompt_hashes=hashes)
