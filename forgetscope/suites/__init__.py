"""Suites: which tasks, which domain, which one number, and where their data lie."""

from forgetscope.suites.catalog import CatalogEntry, look_up
from forgetscope.suites.domains import DOMAINS, check_domain
from forgetscope.suites.mirror import MirrorEntry, find_data
from forgetscope.suites.policy import (
    PolicyFile,
    Require,
    check_tasks,
    load_policy,
    parse_margin,
)
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
    "PolicyFile",
    "Require",
    "Suite",
    "TaskChoice",
    "check_domain",
    "check_tasks",
    "find_data",
    "load_policy",
    "load_suite",
    "look_up",
    "parse_margin",
    "preset_names",
    "suite_of",
]
