"""Items: one document of one task."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Item"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One document of one task, as every checkpoint sees it."""

    id: str
    """Hex digest of task name, task version, document and its order among equal documents."""
    task: str
    document_id: int
    """Row in the task's evaluated split."""
    prompt: str
    """Text before the answer, few-shot examples included."""
    prompt_hash: str
    """Hex digest of everything the model is asked for this item."""
    gold: str
    choices: tuple[str, ...] = ()
    """Options of a multiple-choice item, in order."""
    chance: float
    """Score of a guesser on this item, a share; nan where guessing has no meaning."""
    cluster: str
    """Items with equal cluster share a source (a passage, a problem) and are not independent."""
