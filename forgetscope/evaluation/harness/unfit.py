"""Tasks that are never run here, told before their code is loaded where that can be known."""

from __future__ import annotations

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness.senses import refuse_blind
from forgetscope.suites import FLAGS, UNFIT, CatalogEntry, look_up

__all__ = ["is_checked", "refuse_unable", "refuse_unfit"]

_ALLOW = "`forgetscope eval --allow-code` runs such programs within limits; see SECURITY.md"


def refuse_unfit(name: str, *, engine: str, allow_code: bool = False) -> None:
    """Raise `UsageError` if the catalog knows that a task, group or tag cannot be run here.

    Parameters
    ----------
    engine
        What will answer: only some read images.
    allow_code
        Whether programs that a model wrote may run, where this is done within limits.
    """
    entry = look_up(name)
    reason = next((flag for flag in UNFIT if entry and flag in entry.flags), None)
    if reason == "images":
        refuse_blind(name, engine=engine)
        return
    if reason is None or (allow_code and is_checked(entry)):
        return
    raise UsageError(
        f"the task `{name}` cannot be run here: it {_said(FLAGS[reason])}",
        hint=_ALLOW if is_checked(entry) else None,
    )


def is_checked(entry: CatalogEntry | None) -> bool:
    """Whether the programs of such tasks run within limits, if they may run at all."""
    return entry is not None and "code_eval" in entry.flags


def refuse_unable(lm_task: LmTask, *, name: str, allow_code: bool = False) -> None:
    """Raise `UsageError` if a task that is built runs the model's code."""
    is_allowed = allow_code and is_checked(look_up(name))
    if getattr(lm_task, "UNSAFE_CODE", False) and not is_allowed:
        raise UsageError(
            f"the task `{name}` runs code that the model writes",
            hint="forgetscope does not run such tasks; leave it out of the suite",
        )


def _said(flag: str) -> str:
    return flag if not flag.startswith("its ") else f"cannot be judged, as {flag}"
