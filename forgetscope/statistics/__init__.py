"""Tests and intervals for paired scores: arrays in, named results out."""

from forgetscope.statistics.anytime import (
    Wager,
    anytime_p_value,
    betting_log_e,
    cluster_path,
    decided,
    loss_log_e,
    loss_path,
)
from forgetscope.statistics.anytime_interval import AnytimeChange, anytime_change
from forgetscope.statistics.apportion import apportion, proportional_order
from forgetscope.statistics.bootstrap import (
    AggregateChange,
    bootstrap_change,
    confusion_by_cluster,
    f1,
    matthews,
    resampled_change,
)
from forgetscope.statistics.calibration import (
    Confidence,
    Reliability,
    ReliabilityBin,
    auroc,
    auroc_change,
    expected_calibration_error,
    reliability,
)
from forgetscope.statistics.chance import CorrectedTransitions, corrected_transitions
from forgetscope.statistics.change import NetChange, net_change
from forgetscope.statistics.clustered import (
    ClusteredMean,
    clustered_mean,
    clustered_t_interval,
    renumbered,
    skewed_t_interval,
)
from forgetscope.statistics.confidence_sequence import (
    ConfidenceSequence,
    confidence_sequence,
    mixing_variance,
    sequence_half_width,
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
    changed_sides,
    excess_churn,
    run_level,
    step_noise,
)
from forgetscope.statistics.pass_at_k import pass_at_k, pass_sizes
from forgetscope.statistics.path import Drop, Recovery, onset, recovery, trend, worst_drop
from forgetscope.statistics.portion import Portion, tickets
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
    "AggregateChange",
    "AnytimeChange",
    "ChurnTest",
    "ClusteredMean",
    "Confidence",
    "ConfidenceSequence",
    "CorrectedTransitions",
    "Drop",
    "ExcessChurn",
    "FlipTest",
    "HeterogeneityTest",
    "Interval",
    "Measured",
    "NetChange",
    "Portion",
    "ProofChances",
    "Recovery",
    "Reliability",
    "ReliabilityBin",
    "RepeatedTransitions",
    "RepeatsHelp",
    "Residuals",
    "Retention",
    "RunLevelChange",
    "SampledMean",
    "TransitionShares",
    "Wager",
    "advised_margin",
    "anytime_change",
    "anytime_p_value",
    "apportion",
    "auroc",
    "auroc_change",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "betting_log_e",
    "bootstrap_change",
    "chance_of_proof",
    "changed_sides",
    "churn_test",
    "clopper_pearson",
    "cluster_path",
    "clustered_mean",
    "clustered_t_interval",
    "confidence_sequence",
    "confusion_by_cluster",
    "constrained_share",
    "corrected_transitions",
    "decided",
    "detectable_change",
    "detectable_from",
    "difference_estimate",
    "e_bh",
    "each_alpha",
    "excess_churn",
    "expected_calibration_error",
    "f1",
    "further_items",
    "heterogeneity",
    "holm",
    "joint_covariance",
    "joint_quantile",
    "loss_log_e",
    "loss_path",
    "matthews",
    "mixing_variance",
    "mover_interval",
    "nested_order",
    "net_change",
    "neyman_allocation",
    "onset",
    "pass_at_k",
    "pass_sizes",
    "planned_change",
    "planned_items",
    "proportional_order",
    "recovery",
    "reliability",
    "renumbered",
    "repeated_transitions",
    "repeats_help",
    "required_items",
    "resampled_change",
    "retention",
    "run_level",
    "sequence_half_width",
    "sign_flip_test",
    "skewed_t_interval",
    "step_noise",
    "stratified_estimate",
    "sufficient_items",
    "tango_interval",
    "tickets",
    "transitions",
    "trend",
    "wilson",
    "worst_drop",
]
