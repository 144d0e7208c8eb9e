"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval."""

from forgetscope.evaluation.asked import asked
from forgetscope.evaluation.harness import task_lessons
from forgetscope.evaluation.options import EvaluationOptions, Summary
from forgetscope.evaluation.run import OpenSuite, evaluate_series, open_suite

__all__ = [
    "EvaluationOptions",
    "OpenSuite",
    "Summary",
    "asked",
    "evaluate_series",
    "open_suite",
    "task_lessons",
]
