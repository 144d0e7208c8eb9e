"""One evaluation after the other: a broken checkpoint costs no other its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forgetscope.errors import CheckpointError, NoNumbersError
from forgetscope.evaluation.summary import Summary

__all__ = ["evaluate_each"]


def evaluate_each(evaluations: Iterable[Callable[[], Summary]]) -> list[Summary]:
    """Evaluate all checkpoints, though some be broken; then say which these are.

    Raises
    ------
    CheckpointError, NoNumbersError
        If a checkpoint cannot be read, or answers no numbers: the others are evaluated.
    """
    counts: list[Summary] = []
    broken: list[CheckpointError | NoNumbersError] = []
    for evaluate in evaluations:
        try:
            counts.append(evaluate())
        except (CheckpointError, NoNumbersError) as error:
            # without what its frames hold: the weights
            broken.append(type(error)(error.message, hint=error.hint))
    if not broken:
        return counts
    hints = [broken[0].hint or "", "the other checkpoints were evaluated" if counts else ""]
    # a base that is broken is met by each checkpoint that is compared with it, and told once
    raise type(broken[0])(
        "; ".join(dict.fromkeys(error.message for error in broken)),
        hint="; ".join(hint for hint in hints if hint) or None,
    )
