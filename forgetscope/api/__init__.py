"""The public face in Python: evaluate a series, open a study, compare, save the report.

The commands of the command line are these functions with options around them. A name is loaded
when it is asked for: a command pays for what it does, not for what the others do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.lazy import loader

if TYPE_CHECKING:
    from forgetscope.api.blending import Blended, BlendRequest, blend
    from forgetscope.api.callback import ForgettingCallback
    from forgetscope.api.checkup import Checkup, examine
    from forgetscope.api.demonstration import Demonstration, run_demo
    from forgetscope.api.difference import diff, shown_diff
    from forgetscope.api.embedding import Embedding, EmbedMode
    from forgetscope.api.evaluation_request import EvaluationRequest
    from forgetscope.api.evaluation_settings import EvaluationSettings
    from forgetscope.api.exporters import Exporter, export_by_plugin, exporter_names
    from forgetscope.api.exporting import EXPORTS, Exported, ExportRequest, export
    from forgetscope.api.importing import Imported, ImportRequest, import_logs
    from forgetscope.api.listing import ListedDomain, SuiteListing, list_suite, presets
    from forgetscope.api.overlap import evaluated_questions
    from forgetscope.api.policies import settled
    from forgetscope.api.power import DISCORDANCES, Level, Plan, plan
    from forgetscope.api.reach import Reach
    from forgetscope.api.recipes import RecipeOptions, recipe_from
    from forgetscope.api.save import Shown
    from forgetscope.api.series import evaluate, evaluate_into
    from forgetscope.api.several import view
    from forgetscope.api.study import Study
    from forgetscope.api.suite_reach import reach_of_suite
    from forgetscope.api.tracking import track
    from forgetscope.api.training import TrainingOutcome, TrainingRequest, train_and_report
    from forgetscope.api.watching import watch
    from forgetscope.api.watching_records import Watched, Watching

__all__ = [
    "DISCORDANCES",
    "EXPORTS",
    "BlendRequest",
    "Blended",
    "Checkup",
    "Demonstration",
    "EmbedMode",
    "Embedding",
    "EvaluationRequest",
    "EvaluationSettings",
    "ExportRequest",
    "Exported",
    "Exporter",
    "ForgettingCallback",
    "ImportRequest",
    "Imported",
    "Level",
    "ListedDomain",
    "Plan",
    "Reach",
    "RecipeOptions",
    "Shown",
    "Study",
    "SuiteListing",
    "TrainingOutcome",
    "TrainingRequest",
    "Watched",
    "Watching",
    "blend",
    "diff",
    "evaluate",
    "evaluate_into",
    "evaluated_questions",
    "examine",
    "export",
    "export_by_plugin",
    "exporter_names",
    "import_logs",
    "list_suite",
    "plan",
    "presets",
    "reach_of_suite",
    "recipe_from",
    "run_demo",
    "settled",
    "shown_diff",
    "track",
    "train_and_report",
    "view",
    "watch",
]

_HOMES = {
    "DISCORDANCES": "forgetscope.api.power",
    "EXPORTS": "forgetscope.api.exporting",
    "BlendRequest": "forgetscope.api.blending",
    "Blended": "forgetscope.api.blending",
    "Checkup": "forgetscope.api.checkup",
    "Demonstration": "forgetscope.api.demonstration",
    "EmbedMode": "forgetscope.api.embedding",
    "Embedding": "forgetscope.api.embedding",
    "EvaluationRequest": "forgetscope.api.evaluation_request",
    "EvaluationSettings": "forgetscope.api.evaluation_settings",
    "Exporter": "forgetscope.api.exporters",
    "ForgettingCallback": "forgetscope.api.callback",
    "ExportRequest": "forgetscope.api.exporting",
    "Exported": "forgetscope.api.exporting",
    "ImportRequest": "forgetscope.api.importing",
    "Imported": "forgetscope.api.importing",
    "Level": "forgetscope.api.power",
    "ListedDomain": "forgetscope.api.listing",
    "Plan": "forgetscope.api.power",
    "Reach": "forgetscope.api.reach",
    "RecipeOptions": "forgetscope.api.recipes",
    "Shown": "forgetscope.api.save",
    "Study": "forgetscope.api.study",
    "SuiteListing": "forgetscope.api.listing",
    "TrainingOutcome": "forgetscope.api.training",
    "TrainingRequest": "forgetscope.api.training",
    "Watched": "forgetscope.api.watching_records",
    "Watching": "forgetscope.api.watching_records",
    "blend": "forgetscope.api.blending",
    "diff": "forgetscope.api.difference",
    "evaluate": "forgetscope.api.series",
    "evaluate_into": "forgetscope.api.series",
    "evaluated_questions": "forgetscope.api.overlap",
    "export_by_plugin": "forgetscope.api.exporters",
    "exporter_names": "forgetscope.api.exporters",
    "list_suite": "forgetscope.api.listing",
    "export": "forgetscope.api.exporting",
    "import_logs": "forgetscope.api.importing",
    "examine": "forgetscope.api.checkup",
    "plan": "forgetscope.api.power",
    "presets": "forgetscope.api.listing",
    "reach_of_suite": "forgetscope.api.suite_reach",
    "recipe_from": "forgetscope.api.recipes",
    "run_demo": "forgetscope.api.demonstration",
    "settled": "forgetscope.api.policies",
    "shown_diff": "forgetscope.api.difference",
    "track": "forgetscope.api.tracking",
    "train_and_report": "forgetscope.api.training",
    "view": "forgetscope.api.several",
    "watch": "forgetscope.api.watching",
}

__getattr__ = loader(__name__, _HOMES)
