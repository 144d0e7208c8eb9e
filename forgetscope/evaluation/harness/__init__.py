"""The only door to lm-eval: its tasks become our records, our answers become its metrics.

lm-eval itself is loaded when a task is opened or answers are judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.evaluation.harness.backend import open_any_engine
from forgetscope.evaluation.harness.built import AskedTask, Built, LoadedTask
from forgetscope.evaluation.harness.examples import answer_delimiter, example_of, question_of
from forgetscope.lazy import loader

if TYPE_CHECKING:
    from forgetscope.evaluation.harness.availability import (
        Hub,
        HubData,
        HubState,
        without_network,
    )
    from forgetscope.evaluation.harness.building import build, n_documents
    from forgetscope.evaluation.harness.judging import judge
    from forgetscope.evaluation.harness.kept import KeptPrompts
    from forgetscope.evaluation.harness.load import LoadedSuite, load_suite_tasks, load_tasks
    from forgetscope.evaluation.harness.surveys import TaskSurvey, survey
    from forgetscope.evaluation.harness.training import task_lessons

__all__ = [
    "AskedTask",
    "Built",
    "Hub",
    "HubData",
    "HubState",
    "KeptPrompts",
    "LoadedSuite",
    "LoadedTask",
    "TaskSurvey",
    "answer_delimiter",
    "build",
    "example_of",
    "judge",
    "load_suite_tasks",
    "load_tasks",
    "n_documents",
    "open_any_engine",
    "question_of",
    "survey",
    "task_lessons",
    "without_network",
]

_HOMES = {
    "Hub": "forgetscope.evaluation.harness.availability",
    "HubData": "forgetscope.evaluation.harness.availability",
    "HubState": "forgetscope.evaluation.harness.availability",
    "KeptPrompts": "forgetscope.evaluation.harness.kept",
    "LoadedSuite": "forgetscope.evaluation.harness.load",
    "TaskSurvey": "forgetscope.evaluation.harness.surveys",
    "build": "forgetscope.evaluation.harness.building",
    "judge": "forgetscope.evaluation.harness.judging",
    "load_suite_tasks": "forgetscope.evaluation.harness.load",
    "load_tasks": "forgetscope.evaluation.harness.load",
    "n_documents": "forgetscope.evaluation.harness.building",
    "survey": "forgetscope.evaluation.harness.surveys",
    "task_lessons": "forgetscope.evaluation.harness.training",
    "without_network": "forgetscope.evaluation.harness.availability",
}

__getattr__ = loader(__name__, _HOMES)
