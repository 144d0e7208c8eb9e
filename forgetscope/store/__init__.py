"""The study on disk: SQLite, append and look up, never rewrite an answer."""

from forgetscope.store.answers import Answers
from forgetscope.store.database import is_study
from forgetscope.store.probes import ProbeAnswer, Probes
from forgetscope.store.study import Study
from forgetscope.store.told import Told

__all__ = ["Answers", "ProbeAnswer", "Probes", "Study", "Told", "is_study"]
