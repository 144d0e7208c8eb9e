"""Tests and intervals for paired scores: arrays in, named results out."""

from forgetscope.statistics.chance import CorrectedTransitions, corrected_transitions
from forgetscope.statistics.change import NetChange, net_change
from forgetscope.statistics.clustered import (
    ClusteredMean,
    clustered_mean,
    clustered_t_interval,
)
from forgetscope.statistics.flips import FlipTest, sign_flip_test
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.measured import Measured
from forgetscope.statistics.power import detectable_change, further_items, required_items
from forgetscope.statistics.proportions import clopper_pearson, wilson
from forgetscope.statistics.tango import constrained_share, tango_interval
from forgetscope.statistics.transitions import TransitionShares, transitions

__all__ = [
    "ClusteredMean",
    "CorrectedTransitions",
    "FlipTest",
    "Interval",
    "Measured",
    "NetChange",
    "TransitionShares",
    "clopper_pearson",
    "clustered_mean",
    "clustered_t_interval",
    "constrained_share",
    "corrected_transitions",
    "detectable_change",
    "further_items",
    "net_change",
    "required_items",
    "sign_flip_test",
    "tango_interval",
    "transitions",
    "wilson",
]
