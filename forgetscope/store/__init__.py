"""The study on disk: SQLite, append and look up, never rewrite an answer."""

from forgetscope.store.answers import Answers
from forgetscope.store.database import discard_study, is_study
from forgetscope.store.probes import ProbeAnswer, Probes
from forgetscope.store.schema import JUDGE_EDITION
from forgetscope.store.study import Study
from forgetscope.store.told import Told

__all__ = [
    "JUDGE_EDITION",
    "Answers",
    "ProbeAnswer",
    "Probes",
    "Study",
    "Told",
    "discard_study",
    "is_study",
]
