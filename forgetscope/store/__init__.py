"""The study on disk: SQLite, append and look up, never rewrite an answer."""

from forgetscope.store.answers import Answers
from forgetscope.store.database import is_study
from forgetscope.store.probes import ProbeAnswer, Probes
from forgetscope.store.study import Study

__all__ = ["Answers", "ProbeAnswer", "Probes", "Study", "is_study"]
