"""Where answers are computed: in this process, or by workers on a Ray cluster.

::

    Executor.open(checkpoint)  ->  Engine          what a session asks
        LocalExecutor              HfEngine         in this process
        RemoteExecutor             Dispatcher       jobs -> shards -> a crew of workers
                                   RayCrew          the only door to ray

Bit for bit the same numbers: every worker gives its engine all requests of a pass and names those
outside its shard as answered, exactly as a run does that goes on after an interruption.

Importing this loads no engine: a command that has nothing to ask names its executor all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.evaluation.executor.config import EXECUTORS, ExecutorConfig
from forgetscope.lazy import loader

if TYPE_CHECKING:
    from forgetscope.evaluation.executor.executor import Executor, LocalExecutor, open_executor
    from forgetscope.evaluation.executor.job import Job, digest_of

__all__ = [
    "EXECUTORS",
    "Executor",
    "ExecutorConfig",
    "Job",
    "LocalExecutor",
    "digest_of",
    "open_executor",
]

_HOMES = {
    "Executor": "forgetscope.evaluation.executor.executor",
    "Job": "forgetscope.evaluation.executor.job",
    "LocalExecutor": "forgetscope.evaluation.executor.executor",
    "digest_of": "forgetscope.evaluation.executor.job",
    "open_executor": "forgetscope.evaluation.executor.executor",
}

__getattr__ = loader(__name__, _HOMES)
