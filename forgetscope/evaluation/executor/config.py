"""Where answers are computed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from forgetscope.errors import UnavailableError, UnknownNameError, UsageError

__all__ = ["EXECUTORS", "ExecutorConfig"]

EXECUTORS = ("local", "ray")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorConfig:
    """Where answers are computed; the numbers do not depend on it."""

    name: str = "local"
    """`local`: in this process; `ray`: by workers on a Ray cluster."""
    workers: int | None = None
    """Processes that hold a checkpoint each; `None`: one for each GPU, else for each processor."""
    shard_tokens: int = 4096
    """Tokens below which a shard costs more to hand out than it brings."""

    def __post_init__(self) -> None:
        if self.name not in EXECUTORS:
            raise UnknownNameError("executor", self.name, known=EXECUTORS)
        if self.name == "ray" and find_spec("ray") is None:
            raise UnavailableError(
                "`--executor ray` needs ray, which is not installed",
                hint="pip install 'forgetscope[ray]'",
            )
        if self.workers is not None and self.name == "local":
            raise UsageError(
                "`--workers` counts processes of a cluster, and everything runs in this one",
                hint="add `--executor ray`",
            )
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"a cluster needs at least 1 worker: {self.workers}")
        if self.shard_tokens < 1:
            raise UsageError(f"a shard needs at least 1 token: {self.shard_tokens}")
