"""Tasks about pictures and sound, and which engines can be asked them."""

from __future__ import annotations

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UsageError
from forgetscope.records import Task
from forgetscope.scoring.config import SIGHTED_BACKENDS, backend_of

__all__ = ["check_senses", "refuse_blind"]


def check_senses(lm_task: LmTask, task: Task, *, engine: str) -> None:
    """Refuse a task about pictures or sound that an engine would answer without them.

    Raises
    ------
    UsageError
        If the engine reads text alone, or there are few-shot examples, whose pictures lm-eval
        leaves out.
    """
    if not getattr(lm_task, "MULTIMODAL", False):
        return
    if lm_task.get_config("doc_to_audio") is not None:
        raise UsageError(f"the task `{task.name}` needs sound, which no engine here hears")
    refuse_blind(task.name, engine=engine)
    if task.n_shots:
        raise UsageError(
            f"the task `{task.name}` shows images, and {task.n_shots} examples before the"
            " question would stand without theirs",
            hint="set `shots = 0`",
        )


def refuse_blind(name: str, *, engine: str) -> None:
    """Raise `UsageError` if an engine would be asked about images that it does not see."""
    if backend_of(engine) not in SIGHTED_BACKENDS:
        raise UsageError(
            f"the task `{name}` shows the model images, and the engine `{engine}` reads text alone",
            hint="`--engine lm_eval:hf-multimodal`, with checkpoints that see; or leave the task"
            " out",
        )
