"""The public face in Python: evaluate a series, open a study, compare, save the report."""
