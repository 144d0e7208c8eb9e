"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval.

Everything here is light to import; lm-eval is loaded when tasks or their answers are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.evaluation.summary import Summary
from forgetscope.lazy import loader

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

__getattr__ = loader(__name__, _HOMES)
