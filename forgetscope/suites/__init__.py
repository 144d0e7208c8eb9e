"""Suites: which tasks, which domain, which one number, and where their data lie."""
