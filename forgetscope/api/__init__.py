"""The public face in Python: evaluate a series, open a study, compare, save the report.

The commands of the command line are these functions with options around them.
"""

from forgetscope.api.blend import Blended, BlendRequest, blend
from forgetscope.api.demonstration import run_demo
from forgetscope.api.difference import diff
from forgetscope.api.policies import settled
from forgetscope.api.power import DISCORDANCES, Level, Plan, plan
from forgetscope.api.reach import Reach
from forgetscope.api.series import EvaluationRequest, evaluate, evaluate_into
from forgetscope.api.study import Study
from forgetscope.api.suite_reach import reach_of_suite

__all__ = [
    "DISCORDANCES",
    "BlendRequest",
    "Blended",
    "EvaluationRequest",
    "Level",
    "Plan",
    "Reach",
    "Study",
    "blend",
    "diff",
    "evaluate",
    "evaluate_into",
    "plan",
    "reach_of_suite",
    "run_demo",
    "settled",
]
