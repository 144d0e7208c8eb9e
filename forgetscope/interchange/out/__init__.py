"""Results out, in the formats of others: Every Eval Ever, and results for a model hub."""

from forgetscope.interchange.out.hub import BENCHMARKS, HubResults, hub_results, write_hub_results
from forgetscope.interchange.out.shared import Origin, write_shared
from forgetscope.interchange.out.task_scores import TaskScore, task_scores

__all__ = [
    "BENCHMARKS",
    "HubResults",
    "Origin",
    "TaskScore",
    "hub_results",
    "task_scores",
    "write_hub_results",
    "write_shared",
]
