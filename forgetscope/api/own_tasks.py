"""Tasks that no harness ships: made here, of files, and held out by training sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from forgetscope import offline
from forgetscope.api.source_names import is_source
from forgetscope.errors import UnknownNameError
from forgetscope.recap import Material, load_source
from forgetscope.records import Document, OutputType, OwnTask, Reading
from forgetscope.suites import TESTBED, Suite, is_rows_file, read_own_tasks

__all__ = ["N_EVALUATED", "own_tasks"]

N_EVALUATED = 200
"""Lessons of a source that are kept from training and evaluated."""

_WHOLE_NUMBER = re.compile(r"-?\d+")
_LAST_NUMBER = r"(-?\d+)(?=\D*$)"
_LAST_LINE = r"([^\n]*\S)\s*$"
_ALL = r"^\s*(\S(?:.*\S)?)\s*$"


def own_tasks(suite: Suite) -> tuple[OwnTask, ...]:
    """Return the own tasks of a suite: they are made anew from their names and the suite's seed.

    A file of questions is read anew. A task that is called like a source asks what that source
    holds out, which no training run on the source of that name ever sees.

    Raises
    ------
    UnknownNameError
        A name begins like those of the tasks made here, and none is called so.
    UsageError, DataError, TrainingError
        A source or file cannot be loaded.
    """
    names = [choice.name for choice in suite.choices if choice.file is None]
    found: list[OwnTask] = []
    for choice in suite.choices:
        if choice.file is not None and is_rows_file(choice.file):
            path = Path(choice.file)
            found += read_own_tasks(path, name=choice.name, domain=choice.domain)
    if any(name.startswith(TESTBED) for name in names):
        from forgetscope import testbed

        found += testbed.tasks(seed=suite.seed)
    if any(name.startswith(offline.PREFIX) for name in names):
        found += offline.tasks(seed=suite.seed)
    for name in names:
        is_ours = name.startswith((TESTBED, offline.PREFIX)) and not is_source(name)
        if is_ours and not any(fnmatchcase(task.name, name) for task in found):
            raise UnknownNameError("task", name, known=[task.name for task in found])
    found += [_held_out_task(name, seed=suite.seed) for name in names if is_source(name)]
    return tuple(found)


def _held_out_task(name: str, *, seed: int) -> OwnTask:
    material = load_source(name, seed=seed, n_held_out=N_EVALUATED)
    return OwnTask(
        name=name,
        domain=material.domain,
        output_type=OutputType.GENERATE,
        documents=tuple(_documents(material)),
        readings=_readings(lesson.gold for lesson in material.held_out),
        max_new_tokens=256,
    )


def _documents(material: Material) -> Iterable[Document]:
    for lesson in material.held_out:
        prompt = f"{lesson.system}\n\n{lesson.prompt}" if lesson.system else lesson.prompt
        yield Document(prompt=prompt, gold=lesson.gold)


def _readings(golds: Iterable[str]) -> tuple[Reading, ...]:
    """Return how answers are read: the last number where all are numbers, else the last line."""
    are_numbers = all(_WHOLE_NUMBER.fullmatch(gold) for gold in golds)
    pattern = _LAST_NUMBER if are_numbers else _LAST_LINE
    return (Reading(name="last", pattern=pattern), Reading(name="whole", pattern=_ALL))
