"""Where a plan would be kept: room on the disk, and what a study there holds already."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.checkup.finding import Finding, State, broken, noted
from forgetscope.store import Study, is_study

if TYPE_CHECKING:
    from forgetscope.api.checkup.cost import TaskCost
    from forgetscope.evaluation import EvaluationOptions
    from forgetscope.evaluation.harness import LoadedTask

__all__ = ["check_disk", "check_study"]

DISK, STUDY = "disk", "study"
_PER_ANSWER = 1000
"""Bytes of an answer with its score, both sides of an index included; generously."""
_PER_CHARACTER = 3
"""Bytes of a character of a question, which is kept with its item and with its requests."""
_LITTLE = 1_000_000_000
"""Less room than this is worth a word, whatever is asked."""


def check_disk(folder: Path, costs: Sequence[TaskCost], *, n_checkpoints: int) -> Iterator[Finding]:
    """Say whether the study fits onto the disk."""
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    n_free = shutil.disk_usage(existing).free
    questions = _PER_CHARACTER * sum(each.characters for each in costs)
    answers = n_checkpoints * sum(
        _PER_ANSWER * each.requests + 4 * each.tokens_written for each in costs
    )
    needed = questions + answers
    what = f"about {needed / 1e6:,.0f} MB for the study, {n_free / 1e9:,.1f} GB free"
    if needed > n_free:
        yield broken(DISK, str(folder), what, hint="choose another place with `--out`")
    else:
        is_little = n_free < max(_LITTLE, 3 * needed)
        yield noted(DISK, str(folder), what, state=State.WARN if is_little else State.OK)


def check_study(
    folder: Path, tasks: Sequence[LoadedTask], *, options: EvaluationOptions
) -> Iterator[Finding]:
    """Say whether a study that is there already can be continued with these tasks."""
    if not is_study(folder):
        return
    from forgetscope.evaluation.plan import check_tasks

    with Study(folder) as study:
        check_tasks(study, tasks, options=options)
        labels = ", ".join(checkpoint.label for checkpoint in study.series())
    yield noted(STUDY, str(folder), f"goes on where it was; it holds {labels or 'no checkpoint'}")
