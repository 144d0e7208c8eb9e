"""From scores to verdicts: pair, compare, follow a series, judge it."""

from forgetscope.diagnosis.compare import compare
from forgetscope.diagnosis.gate import Require, judge
from forgetscope.diagnosis.series import diagnose, last_clean

__all__ = ["Require", "compare", "diagnose", "judge", "last_clean"]
