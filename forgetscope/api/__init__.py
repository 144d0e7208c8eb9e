"""The public face in Python: evaluate a series, open a study, compare, save the report.

The commands of the command line are these functions with options around them.
"""

from forgetscope.api.demonstration import run_demo
from forgetscope.api.difference import diff
from forgetscope.api.policies import settled
from forgetscope.api.series import EvaluationRequest, evaluate, evaluate_into
from forgetscope.api.study import Study

__all__ = ["EvaluationRequest", "Study", "diff", "evaluate", "evaluate_into", "run_demo", "settled"]
