"""Suites: which tasks, which domain, which one number, and where their data lie."""

from forgetscope.suites.catalog import CatalogEntry, look_up
from forgetscope.suites.domains import DOMAINS, check_domain
from forgetscope.suites.mirror import MirrorEntry, find_data
from forgetscope.suites.suite import (
    TESTBED,
    Suite,
    TaskChoice,
    load_suite,
    preset_names,
    suite_of,
)

__all__ = [
    "DOMAINS",
    "TESTBED",
    "CatalogEntry",
    "MirrorEntry",
    "Suite",
    "TaskChoice",
    "check_domain",
    "find_data",
    "load_suite",
    "look_up",
    "preset_names",
    "suite_of",
]
