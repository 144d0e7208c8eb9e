"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval.

Everything here is light to import; lm-eval is loaded when tasks or their answers are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forgetscope.evaluation.summary import Summary

if TYPE_CHECKING:
    from forgetscope.evaluation.executor import ExecutorConfig
    from forgetscope.evaluation.harness import task_lessons
    from forgetscope.evaluation.options import EvaluationOptions
    from forgetscope.evaluation.questions import asked
    from forgetscope.evaluation.run import OpenSuite, evaluate_series, open_suite

__all__ = [
    "EvaluationOptions",
    "ExecutorConfig",
    "OpenSuite",
    "Summary",
    "asked",
    "evaluate_series",
    "open_suite",
    "task_lessons",
]

_HOMES = {
    "EvaluationOptions": "forgetscope.evaluation.options",
    "ExecutorConfig": "forgetscope.evaluation.executor",
    "OpenSuite": "forgetscope.evaluation.run",
    "evaluate_series": "forgetscope.evaluation.run",
    "open_suite": "forgetscope.evaluation.run",
    "asked": "forgetscope.evaluation.questions",
    "task_lessons": "forgetscope.evaluation.harness",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's attributes have many types
    """Load a name when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module `forgetscope.evaluation` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
