"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval."""

from forgetscope.evaluation.run import EvaluationOptions, Summary, evaluate_series

__all__ = ["EvaluationOptions", "Summary", "evaluate_series"]
