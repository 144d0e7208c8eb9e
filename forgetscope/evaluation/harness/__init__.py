"""The only door to lm-eval: its tasks become our records, our answers become its metrics."""

from forgetscope.evaluation.harness.availability import Hub, HubData, HubState, without_network
from forgetscope.evaluation.harness.backend import open_any_engine
from forgetscope.evaluation.harness.build import Built, build, n_documents
from forgetscope.evaluation.harness.examples import answer_delimiter, example_of, question_of
from forgetscope.evaluation.harness.judge import judge
from forgetscope.evaluation.harness.load import (
    LoadedSuite,
    LoadedTask,
    load_suite_tasks,
    load_tasks,
)
from forgetscope.evaluation.harness.surveys import TaskSurvey, survey
from forgetscope.evaluation.harness.training import task_lessons

__all__ = [
    "Built",
    "Hub",
    "HubData",
    "HubState",
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
