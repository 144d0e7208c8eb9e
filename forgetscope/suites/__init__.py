"""Suites: which tasks, which domain, which one number, and where their data lie."""

from forgetscope.suites.caps import Style, cap_of
from forgetscope.suites.catalog import (
    FLAGS,
    UNFIT,
    CatalogEntry,
    known_items,
    look_up,
    n_leaves,
    nominal_chance,
)
from forgetscope.suites.choice import TaskChoice, choice_named, is_rows_file, is_task_file
from forgetscope.suites.decoding import decoding_of
from forgetscope.suites.domains import DOMAINS, check_domain
from forgetscope.suites.fingerprint import PLACE_KEYS, task_fingerprint
from forgetscope.suites.mirror import MirrorEntry, find_data
from forgetscope.suites.own_file import read_own_tasks
from forgetscope.suites.policy import (
    PolicyFile,
    Require,
    check_tasks,
    load_policy,
    parse_margin,
)
from forgetscope.suites.strict import parse_json, parse_yaml
from forgetscope.suites.suite import (
    TESTBED,
    Suite,
    load_suite,
    preset_names,
    suite_of,
)

__all__ = [
    "DOMAINS",
    "FLAGS",
    "PLACE_KEYS",
    "TESTBED",
    "UNFIT",
    "CatalogEntry",
    "MirrorEntry",
    "PolicyFile",
    "Require",
    "Style",
    "Suite",
    "TaskChoice",
    "cap_of",
    "check_domain",
    "check_tasks",
    "choice_named",
    "decoding_of",
    "find_data",
    "is_rows_file",
    "is_task_file",
    "known_items",
    "load_policy",
    "load_suite",
    "look_up",
    "n_leaves",
    "nominal_chance",
    "parse_json",
    "parse_margin",
    "parse_yaml",
    "preset_names",
    "read_own_tasks",
    "suite_of",
    "task_fingerprint",
]
