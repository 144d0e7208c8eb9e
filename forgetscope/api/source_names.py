"""What a call names as a task: one of lm-eval, a file of one's own, or a source of training."""

from __future__ import annotations

from forgetscope.suites import TaskChoice, choice_named

__all__ = ["choice_called", "is_source"]

_KINDS = ("gym:", "jsonl:", "hf:")


def is_source(name: str) -> bool:
    """Whether a task is called like a source of training, such as `gym:products?n=500&seed=0`."""
    return name.startswith(_KINDS)


def choice_called(name: str, *, source_tokens: int | None = None) -> TaskChoice:
    """Return the task that a call names.

    Parameters
    ----------
    name
        A task by name, the path of its file, or a source.
    source_tokens
        Longest answer to a source; `None` for the task's own.

    Raises
    ------
    UsageError
        If it is a path, and there is no such file.
    """
    if is_source(name):
        return TaskChoice(name=name, max_new_tokens=source_tokens)
    return choice_named(name)
