"""From scores to verdicts: pair, compare, follow a series, judge it."""

from forgetscope.diagnosis.compare import compare
from forgetscope.diagnosis.gate import Require, gate_rows, held_at_gate, judge
from forgetscope.diagnosis.series import diagnose, last_clean
from forgetscope.diagnosis.trade import rival_of, trade_points

__all__ = [
    "Require",
    "compare",
    "diagnose",
    "gate_rows",
    "held_at_gate",
    "judge",
    "last_clean",
    "rival_of",
    "trade_points",
]
