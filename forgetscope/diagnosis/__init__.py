"""Diagnosis: pair items, compare checkpoints, decide verdicts, judge the gate."""
