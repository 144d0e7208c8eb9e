"""Room: how many workers a cluster has place for, and what each of them takes."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.evaluation.executor.config import ExecutorConfig

__all__ = ["Room", "room_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Workers, and what each of them takes."""

    n_workers: int
    n_threads: int
    """Threads of a computation."""
    n_gpus: int
    """1 where checkpoints run on GPUs, else 0."""


def room_for(
    config: ExecutorConfig, *, n_cpus: int, n_gpus: int, device: str, n_threads: int | None = None
) -> Room:
    """Divide a cluster among workers.

    Parameters
    ----------
    n_cpus, n_gpus
        Of the whole cluster.
    device
        What checkpoints are to run on; see `EngineConfig`.
    n_threads
        Threads that this process would compute with: a worker takes no more, because their number
        can change how a sum is rounded.

    Raises
    ------
    UsageError
        If there is no room for so many workers.
    """
    uses_gpus = device.startswith("cuda") or (device == "auto" and n_gpus > 0)
    places = n_gpus if uses_gpus else n_cpus
    n_workers = config.workers or places
    if n_workers > places or not places:
        kind = "GPUs" if uses_gpus else "processors"
        raise UsageError(
            f"the cluster has {places} {kind}, too few for {max(n_workers, 1)} workers",
            hint="choose fewer with `--workers`",
        )
    share = max(1, n_cpus // n_workers)
    if n_threads is not None:
        share = min(share, n_threads)
    return Room(n_workers=n_workers, n_threads=share, n_gpus=int(uses_gpus))
