"""What a suite evaluates, for the check that nobody trains on it."""

from __future__ import annotations

from pathlib import Path

from forgetscope.api.own_tasks import own_tasks
from forgetscope.records import Document
from forgetscope.suites import Suite, load_suite

__all__ = ["evaluated_questions"]


def evaluated_questions(
    suite: Suite | str, *, data_dir: Path | None = None, limit: int | None = None
) -> dict[str, tuple[Document, ...]]:
    """Return the questions of every task of a suite, without few-shot examples.

    Parameters
    ----------
    suite
        A suite, a preset's name or the path of a suite file. That of a study:
        `suite_of(study.meta("suite"), where=...)`.
    data_dir
        Local mirror of benchmark data.
    limit
        Random items of each task at most, as the evaluation has it.

    Raises
    ------
    UnknownNameError, DataError, UsageError
        If the suite cannot be loaded.
    """
    suite = load_suite(suite) if isinstance(suite, str) else suite
    # it loads torch and lm-eval
    from forgetscope.evaluation import EvaluationOptions, asked, open_suite

    options = EvaluationOptions(data_dir=data_dir, limit=limit, own=own_tasks(suite))
    return asked(open_suite(suite, options=options), limit=limit)
