"""The nouns: frozen records that every floor shares."""

from forgetscope.records.answer import Answer, StopReason
from forgetscope.records.blend import BlendCell, BlendCurve, BlendPoint
from forgetscope.records.checkpoint import Checkpoint, CheckpointKind
from forgetscope.records.comparison import (
    Cell,
    Change,
    Comparison,
    Diagnosis,
    GateResult,
    Story,
)
from forgetscope.records.course import Course
from forgetscope.records.evidence import Evidence, Likelihood
from forgetscope.records.findings import (
    Calibration,
    CalibrationBin,
    Causes,
    Churn,
    Delivery,
    Estimate,
    Findings,
    Heterogeneity,
    Knowledge,
    LikelihoodChange,
    NoiseFloors,
    PassAtK,
    Readings,
    Recovered,
    Repeats,
    Transitions,
)
from forgetscope.records.foreign import clean
from forgetscope.records.item import Item
from forgetscope.records.lesson import Lesson
from forgetscope.records.lists import Lists
from forgetscope.records.look import Look
from forgetscope.records.own_task import Demand, Document, OwnTask, Reading
from forgetscope.records.policy import DomainPolicy, Policy, Weighting
from forgetscope.records.probe import ProbeKind, ProbeResult
from forgetscope.records.progress import Effort, Progress, Standing, no_progress
from forgetscope.records.request import Decoding, Request, RequestKind, ThinkTags, Thoughts
from forgetscope.records.score import Column, Profile, Score
from forgetscope.records.task import (
    UNBOUNDED_METRICS,
    Aggregate,
    OutputType,
    Purpose,
    Role,
    Task,
)
from forgetscope.records.training import Kind, Rival, Trace, TradePoint, Training
from forgetscope.records.verdict import Adjunct, FormatClass, Transition, Verdict

__all__ = [
    "UNBOUNDED_METRICS",
    "Adjunct",
    "Aggregate",
    "Answer",
    "BlendCell",
    "BlendCurve",
    "BlendPoint",
    "Calibration",
    "CalibrationBin",
    "Causes",
    "Cell",
    "Change",
    "Checkpoint",
    "CheckpointKind",
    "Churn",
    "Column",
    "Comparison",
    "Course",
    "Decoding",
    "Delivery",
    "Demand",
    "Diagnosis",
    "Document",
    "DomainPolicy",
    "Effort",
    "Estimate",
    "Evidence",
    "Findings",
    "FormatClass",
    "GateResult",
    "Heterogeneity",
    "Item",
    "Kind",
    "Knowledge",
    "Lesson",
    "Likelihood",
    "LikelihoodChange",
    "Lists",
    "Look",
    "NoiseFloors",
    "OutputType",
    "OwnTask",
    "PassAtK",
    "Policy",
    "ProbeKind",
    "ProbeResult",
    "Profile",
    "Progress",
    "Purpose",
    "Reading",
    "Readings",
    "Recovered",
    "Repeats",
    "Request",
    "RequestKind",
    "Rival",
    "Role",
    "Score",
    "Standing",
    "StopReason",
    "Story",
    "Task",
    "ThinkTags",
    "Thoughts",
    "Trace",
    "TradePoint",
    "Training",
    "Transition",
    "Transitions",
    "Verdict",
    "Weighting",
    "clean",
    "no_progress",
]
