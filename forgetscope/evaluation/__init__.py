"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval."""

from forgetscope.evaluation.run import (
    EvaluationOptions,
    OpenSuite,
    Summary,
    evaluate_series,
    open_suite,
)

__all__ = ["EvaluationOptions", "OpenSuite", "Summary", "evaluate_series", "open_suite"]
