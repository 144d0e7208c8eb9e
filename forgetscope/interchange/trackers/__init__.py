"""Trackers: where people watch their runs; each has a file, and its package is loaded there alone.

>>> from forgetscope.interchange.trackers import parse_tracker
>>> parse_tracker("tensorboard:runs")
TrackerAddress(kind='tensorboard', place='runs')
"""

from forgetscope.interchange.trackers.find import (
    TrackerAddress,
    check_tracker,
    open_tracker,
    parse_tracker,
)
from forgetscope.interchange.trackers.tracker import Settings, Table, Tracker

__all__ = [
    "Settings",
    "Table",
    "Tracker",
    "TrackerAddress",
    "check_tracker",
    "open_tracker",
    "parse_tracker",
]
