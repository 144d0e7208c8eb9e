"""Evaluation: plan what is missing, score it, keep it; the only door to lm-eval."""
