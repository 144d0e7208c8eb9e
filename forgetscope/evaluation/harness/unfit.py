"""Tasks that are never run here, told before their code is loaded where that can be known."""

from __future__ import annotations

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness.senses import refuse_blind
from forgetscope.suites import FLAGS, UNFIT, look_up

__all__ = ["refuse_unable", "refuse_unfit"]


def refuse_unfit(name: str, *, engine: str) -> None:
    """Raise `UsageError` if the catalog knows that a task, group or tag cannot be run here.

    Parameters
    ----------
    engine
        What will answer: only some read images.
    """
    entry = look_up(name)
    reason = next((flag for flag in UNFIT if entry and flag in entry.flags), None)
    if reason == "images":
        refuse_blind(name, engine=engine)
    elif reason is not None:
        raise UsageError(f"the task `{name}` cannot be run here: it {_said(FLAGS[reason])}")


def refuse_unable(lm_task: LmTask, *, name: str) -> None:
    """Raise `UsageError` if a task that is built runs the model's code."""
    if getattr(lm_task, "UNSAFE_CODE", False):
        raise UsageError(
            f"the task `{name}` runs code that the model writes",
            hint="forgetscope does not run such tasks; leave it out of the suite",
        )


def _said(flag: str) -> str:
    return flag if not flag.startswith("its ") else f"cannot be judged, as {flag}"
