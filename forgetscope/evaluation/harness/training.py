"""The training split of a task, as lessons; the items it is evaluated on are never among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forgetscope.errors import DataError, UsageError
from forgetscope.evaluation.harness.building import quick_and_quiet
from forgetscope.evaluation.harness.built import LoadedTask
from forgetscope.evaluation.harness.load import load_tasks
from forgetscope.records import Lesson, OutputType
from forgetscope.suites import Suite, TaskChoice

__all__ = ["task_lessons"]


def task_lessons(name: str, *, data_dir: Path | None = None) -> tuple[Lesson, ...]:
    """Return the documents of a task's training split as lessons, without few-shot examples.

    A lesson's answer is what the task would write behind its question, with all that stands
    between the two; its `fields` hold the task and, where there are any, the choices.

    Parameters
    ----------
    name
        A task of lm-eval, or a group of tasks.
    data_dir
        Local mirror of benchmark data.

    Raises
    ------
    UnknownNameError
        If lm-eval has no task of that name.
    UsageError
        If a task has no training split, or is evaluated on it, or is no question with an answer.
    DataError
        If its data cannot be read.
    """
    loaded = load_tasks(Suite(name=name, choices=(TaskChoice(name=name),)), data_dir=data_dir)
    with quick_and_quiet():
        return tuple(lesson for each in loaded for lesson in _lessons(each))


def _lessons(loaded: LoadedTask) -> Iterator[Lesson]:
    name = loaded.task.name
    if loaded.task.output_type is OutputType.ROLLING:
        raise UsageError(
            f"the task `{name}` has texts and no questions",
            hint="imitate its texts from a file: `jsonl:FILE` with a key `text`",
        )
    for number, document in enumerate(_documents(loaded)):
        try:
            yield _lesson(loaded, document, number)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"document {number} of the training split of `{name}` cannot be used: "
                f"{type(error).__name__}: {error}"
            ) from error


def _documents(loaded: LoadedTask) -> list[dict[str, Any]]:
    name, lm_task = loaded.task.name, loaded.lm_task
    if not lm_task.has_training_docs():
        raise UsageError(
            f"the task `{name}` has no training split",
            hint="its other splits are what it is evaluated on; choose another source",
        )
    training = lm_task.config.training_split
    evaluated = lm_task.config.test_split or lm_task.config.validation_split
    if training is not None and training == evaluated:
        raise UsageError(
            f"the task `{name}` is evaluated on the split that it trains on, `{training}`",
            hint="choose another source: what was trained on says nothing of what a model can",
        )
    return list(lm_task.training_docs() or ())


def _lesson(loaded: LoadedTask, document: dict[str, Any], number: int) -> Lesson:
    lm_task: Any = loaded.lm_task
    choices: tuple[str, ...] = ()
    if loaded.task.output_type is OutputType.MULTIPLE_CHOICE:
        choices = tuple(str(choice) for choice in lm_task.doc_to_choice(document))
    prompt, gold = lm_task.doc_to_text(document), lm_task.doc_to_target(document)
    if getattr(lm_task, "multiple_input", 0):
        # winogrande and its like put the options into the prompt: there the text is the gold index
        prompt, choices = choices[int(prompt)], ()
    gold = gold[0] if isinstance(gold, list) else gold
    if isinstance(gold, int) and choices:
        gold = choices[gold]
    gold = str(gold).strip()
    if not gold:
        raise ValueError("no right answer")
    fields: dict[str, Any] = {"task": loaded.task.name, "document": number}
    return Lesson(
        prompt=str(prompt),
        gold=gold,
        answer=f"{lm_task.config.target_delimiter}{gold}",
        fields=fields | ({"choices": choices} if choices else {}),
    )
