"""Tests and intervals for paired scores: arrays in, named results out."""

from forgetscope.statistics.change import NetChange, net_change
from forgetscope.statistics.clustered import (
    ClusteredMean,
    clustered_mean,
    clustered_t_interval,
)
from forgetscope.statistics.flips import FlipTest, sign_flip_test
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.power import detectable_change, further_items, required_items
from forgetscope.statistics.proportions import clopper_pearson, wilson
from forgetscope.statistics.tango import constrained_share, tango_interval

__all__ = [
    "ClusteredMean",
    "FlipTest",
    "Interval",
    "NetChange",
    "clopper_pearson",
    "clustered_mean",
    "clustered_t_interval",
    "constrained_share",
    "detectable_change",
    "further_items",
    "net_change",
    "required_items",
    "sign_flip_test",
    "tango_interval",
    "wilson",
]
