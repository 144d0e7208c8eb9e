"""The public face in Python: evaluate a series, open a study, compare, save the report.

The commands of the command line are these functions with options around them.
"""

from forgetscope.api.blend import Blended, BlendRequest, blend
from forgetscope.api.demonstration import Demonstration, run_demo
from forgetscope.api.difference import diff, shown_diff
from forgetscope.api.embedding import Embedding, EmbedMode
from forgetscope.api.notebook import paint_records
from forgetscope.api.overlap import evaluated_questions
from forgetscope.api.policies import settled
from forgetscope.api.power import DISCORDANCES, Level, Plan, plan
from forgetscope.api.reach import Reach
from forgetscope.api.recipes import RecipeOptions, recipe_from
from forgetscope.api.save import Shown
from forgetscope.api.series import EvaluationRequest, evaluate, evaluate_into
from forgetscope.api.several import view
from forgetscope.api.study import Study
from forgetscope.api.suite_reach import reach_of_suite
from forgetscope.api.training import TrainingOutcome, TrainingRequest, train_and_report

__all__ = [
    "DISCORDANCES",
    "BlendRequest",
    "Blended",
    "Demonstration",
    "EmbedMode",
    "Embedding",
    "EvaluationRequest",
    "Level",
    "Plan",
    "Reach",
    "RecipeOptions",
    "Shown",
    "Study",
    "TrainingOutcome",
    "TrainingRequest",
    "blend",
    "diff",
    "evaluate",
    "evaluate_into",
    "evaluated_questions",
    "plan",
    "reach_of_suite",
    "recipe_from",
    "run_demo",
    "settled",
    "shown_diff",
    "train_and_report",
    "view",
]

paint_records()
