"""Scoring: a checkpoint answers requests."""
