"""The nouns: frozen records that every floor shares."""

from forgetscope.records.answer import Answer, StopReason
from forgetscope.records.checkpoint import Checkpoint, CheckpointKind
from forgetscope.records.comparison import (
    Cell,
    Change,
    Comparison,
    Diagnosis,
    GateResult,
    Story,
)
from forgetscope.records.item import Item
from forgetscope.records.own_task import Document, OwnTask, Reading
from forgetscope.records.progress import Progress, no_progress
from forgetscope.records.request import Decoding, Request, RequestKind
from forgetscope.records.score import Column, Profile, Score
from forgetscope.records.task import UNBOUNDED_METRICS, OutputType, Role, Task
from forgetscope.records.verdict import Adjunct, FormatClass, Transition, Verdict

__all__ = [
    "UNBOUNDED_METRICS",
    "Adjunct",
    "Answer",
    "Cell",
    "Change",
    "Checkpoint",
    "CheckpointKind",
    "Column",
    "Comparison",
    "Decoding",
    "Diagnosis",
    "Document",
    "FormatClass",
    "GateResult",
    "Item",
    "OutputType",
    "OwnTask",
    "Profile",
    "Progress",
    "Reading",
    "Request",
    "RequestKind",
    "Role",
    "Score",
    "StopReason",
    "Story",
    "Task",
    "Transition",
    "Verdict",
    "no_progress",
]
