"""Why a lost item counts as wrong: the form failed, or the answer."""

from __future__ import annotations

import re

from forgetscope.records import FormatClass, Item, OutputType, Score

__all__ = ["classify"]


def classify(score: Score, item: Item, *, output_type: OutputType) -> FormatClass:
    """Say why the answer to an item counts as wrong; the first reason that fits is the one.

    `ELSEWHERE` is a hint, not a proof: the gold text stands in the answer as a whole word, which
    for single letters and small numbers happens by accident.

    Parameters
    ----------
    score
        The answer, judged.
    item
        What was asked.
    output_type
        Options that are chosen by likelihood have no form that could fail.
    """
    if score.error is not None:
        return FormatClass.ERROR
    if output_type is not OutputType.GENERATE:
        return FormatClass.DIFFERENT
    if not score.answer.strip():
        return FormatClass.ERROR
    if score.is_truncated:
        return FormatClass.TRUNCATED
    if score.is_invalid:
        return FormatClass.INVALID
    if _stands_in(item.gold, score.answer):
        return FormatClass.ELSEWHERE
    return FormatClass.DIFFERENT


def _stands_in(gold: str, answer: str) -> bool:
    """Whether the gold text stands in the answer as whole words, apart from case and blanks."""
    wanted = " ".join(gold.casefold().split())
    given = " ".join(answer.casefold().split())
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", given) is not None
