"""How a task is set as its suite wants it."""

from __future__ import annotations

from typing import Any

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UsageError
from forgetscope.records import OutputType
from forgetscope.suites import TaskChoice, decoding_of

__all__ = ["cap_in", "configure", "is_sampled"]


def configure(lm_task: LmTask, choice: TaskChoice, *, name: str) -> None:
    """Set what the choice wants otherwise than the task.

    Raises
    ------
    UsageError
        If examples are asked for and the task has none.
    """
    default = lm_task.get_config("num_fewshot")
    if choice.shots is not None:
        if default == 0 and choice.shots != 0:
            raise UsageError(f"the task `{name}` is defined without few-shot examples")
        lm_task.set_config("num_fewshot", choice.shots)
    elif default is None:
        lm_task.set_config("num_fewshot", 0)
    if lm_task.OUTPUT_TYPE == OutputType.GENERATE:
        _configure_generation(lm_task, choice)


def _configure_generation(lm_task: LmTask, choice: TaskChoice) -> None:
    changes: dict[str, Any] = {}
    if choice.max_new_tokens is not None:
        changes["max_gen_toks"] = choice.max_new_tokens
    # greedy decoding has many spellings: one that is greedy already keeps its own
    if choice.temperature is not None and (choice.temperature > 0 or is_sampled(lm_task)):
        changes |= {"do_sample": choice.temperature > 0, "temperature": choice.temperature}
    if choice.top_p is not None and changes.get("do_sample", is_sampled(lm_task)):
        changes["top_p"] = choice.top_p
    if changes:
        lm_task.set_config("generation_kwargs", changes, update=True)


def cap_in(lm_task: LmTask) -> int | None:
    """Return how many tokens an answer may have; `None` where none is written."""
    if lm_task.OUTPUT_TYPE != OutputType.GENERATE:
        return None
    return decoding_of(lm_task.get_config("generation_kwargs") or {}).max_new_tokens


def is_sampled(lm_task: LmTask) -> bool:
    """Whether answers are drawn at random."""
    if lm_task.OUTPUT_TYPE != OutputType.GENERATE:
        return False
    return decoding_of(lm_task.get_config("generation_kwargs") or {}).do_sample
