"""What a suite asks, without few-shot examples: to be told apart from what is trained on."""

from __future__ import annotations

from forgetscope.evaluation.harness import Built, question_of
from forgetscope.evaluation.run import OpenSuite
from forgetscope.records import Document, Item, OutputType

__all__ = ["asked"]


def asked(opened: OpenSuite, *, limit: int | None = None) -> dict[str, tuple[Document, ...]]:
    """Return the questions of every task of a suite, by the task's name.

    Few-shot examples are left out: tasks draw them from their training split, and a lesson of that
    split is no evaluated item.

    Parameters
    ----------
    limit
        As the evaluation has it: what it leaves out is not evaluated.
    """
    builder = opened.builder.limited(limit)
    return {
        built.loaded.task.name: tuple(_document(built, item) for item in built.items)
        for built in builder.built()
    }


def _document(built: Built, item: Item) -> Document:
    text = item.prompt
    if built.loaded.task.output_type is not OutputType.ROLLING:
        text = question_of(built, item, index=0)
    # some tasks ask nothing and compare whole sentences
    return Document(
        prompt=text if text.strip() else "\n".join(item.choices),
        gold=item.gold,
        choices=item.choices,
    )
