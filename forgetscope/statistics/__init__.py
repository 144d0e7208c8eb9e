"""Tests and intervals for paired scores: arrays in, named results out."""

from forgetscope.statistics.chance import CorrectedTransitions, corrected_transitions
from forgetscope.statistics.change import NetChange, net_change
from forgetscope.statistics.clustered import (
    ClusteredMean,
    clustered_mean,
    clustered_t_interval,
)
from forgetscope.statistics.flips import FlipTest, sign_flip_test
from forgetscope.statistics.heterogeneity import HeterogeneityTest, heterogeneity
from forgetscope.statistics.interval import Interval
from forgetscope.statistics.joint import Residuals, each_alpha, joint_covariance, joint_quantile
from forgetscope.statistics.measured import Measured
from forgetscope.statistics.mover import mover_interval
from forgetscope.statistics.multiplicity import benjamini_hochberg, benjamini_yekutieli, e_bh, holm
from forgetscope.statistics.noise import (
    ExcessChurn,
    RunLevelChange,
    advised_margin,
    excess_churn,
    run_level,
    step_noise,
)
from forgetscope.statistics.path import Drop, Recovery, onset, recovery, trend, worst_drop
from forgetscope.statistics.power import (
    ProofChances,
    RepeatsHelp,
    chance_of_proof,
    detectable_change,
    detectable_from,
    further_items,
    planned_change,
    planned_items,
    repeats_help,
    required_items,
    sufficient_items,
)
from forgetscope.statistics.proportions import clopper_pearson, wilson
from forgetscope.statistics.repeats import (
    ChurnTest,
    RepeatedTransitions,
    churn_test,
    repeated_transitions,
)
from forgetscope.statistics.retention import Retention, retention
from forgetscope.statistics.sampling import (
    SampledMean,
    difference_estimate,
    nested_order,
    neyman_allocation,
    stratified_estimate,
)
from forgetscope.statistics.tango import constrained_share, tango_interval
from forgetscope.statistics.transitions import TransitionShares, transitions

__all__ = [
    "ChurnTest",
    "ClusteredMean",
    "CorrectedTransitions",
    "Drop",
    "ExcessChurn",
    "FlipTest",
    "HeterogeneityTest",
    "Interval",
    "Measured",
    "NetChange",
    "ProofChances",
    "Recovery",
    "RepeatedTransitions",
    "RepeatsHelp",
    "Residuals",
    "Retention",
    "RunLevelChange",
    "SampledMean",
    "TransitionShares",
    "advised_margin",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "chance_of_proof",
    "churn_test",
    "clopper_pearson",
    "clustered_mean",
    "clustered_t_interval",
    "constrained_share",
    "corrected_transitions",
    "detectable_change",
    "detectable_from",
    "difference_estimate",
    "e_bh",
    "each_alpha",
    "excess_churn",
    "further_items",
    "heterogeneity",
    "holm",
    "joint_covariance",
    "joint_quantile",
    "mover_interval",
    "nested_order",
    "net_change",
    "neyman_allocation",
    "onset",
    "planned_change",
    "planned_items",
    "recovery",
    "repeated_transitions",
    "repeats_help",
    "required_items",
    "retention",
    "run_level",
    "sign_flip_test",
    "step_noise",
    "stratified_estimate",
    "sufficient_items",
    "tango_interval",
    "transitions",
    "trend",
    "wilson",
    "worst_drop",
]
