"""Interchange: results out, for other programs."""
