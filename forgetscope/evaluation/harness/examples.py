"""An item and its right answer, as lm-eval would write it as a few-shot example."""

from __future__ import annotations

from typing import Any

from forgetscope.evaluation.harness.built import Built
from forgetscope.records import Item, OutputType, Request

__all__ = ["answer_delimiter", "example_of", "question_of"]


def question_of(built: Built, item: Item, *, index: int) -> str:
    """Return the question of an item alone, without description, examples and answer.

    Parameters
    ----------
    index
        Place of the request among those of the item; where the options stand in the question
        (winogrande), each has its own.
    """
    lm_task = built.loaded.lm_task
    document = built.instances[item.id][0].doc
    if getattr(lm_task, "multiple_input", 0):
        return item.choices[index % len(item.choices)]
    return str(lm_task.doc_to_text(document))


def answer_delimiter(built: Built) -> str:
    """Return what the task writes between a question and its answer."""
    return str(built.loaded.lm_task.config.target_delimiter)


def example_of(built: Built, item: Item, requests: tuple[Request, ...], *, answer: str) -> str:
    """Return the item as a few-shot example of its task, with all that separates it from the next.

    Parameters
    ----------
    requests
        Of the item.
    answer
        The right answer to show: a generated text, or one of the options.
    """
    task = built.loaded.task
    place = item.choices.index(answer) if answer in item.choices else 0
    if task.output_type is not OutputType.GENERATE:
        answer = requests[place].continuation
    question = question_of(built, item, index=place)
    return _written(built, item, question, answer.strip())


def _written(built: Built, item: Item, question: str, answer: str) -> str:
    lm_task: Any = built.loaded.lm_task
    between, behind = answer_delimiter(built), lm_task.config.fewshot_delimiter
    if not hasattr(lm_task, "build_qa_turn"):
        # tasks that are written in Python end their questions themselves
        return f"{question.rstrip()}{between}{answer}{behind}"
    messages = lm_task.build_qa_turn(
        q=question,
        a=answer,
        gen_prefix=lm_task.doc_to_prefix(built.instances[item.id][0].doc),
        tgt_delim=between,
        few_delim=behind,
    )
    return "".join(message.to_text() for message in messages)
