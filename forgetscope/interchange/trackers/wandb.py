"""Weights & Biases; `WANDB_MODE=offline` keeps everything on this machine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import wandb

from forgetscope.interchange.trackers.tracker import Settings, Table

__all__ = ["open_run"]


def open_run(place: str, *, name: str, settings: Settings) -> WandbRun:
    """Open a new run in a project; `ENTITY/PROJECT` names that of a team."""
    entity, _, project = place.rpartition("/")
    run = wandb.init(
        project=project,
        entity=entity or None,
        name=name,
        config=dict(settings),
        reinit="create_new",
    )
    return WandbRun(run)


class WandbRun:
    """A run of wandb."""

    def __init__(self, run: Any) -> None:  # noqa: ANN401  # untyped library
        self._run = run

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Log the numbers of a step at once."""
        self._run.log(dict(values), step=step)

    def table(self, table: Table) -> None:
        """Log a table; it belongs to the run, not to a step of it."""
        rows = [[None if _is_nan(cell) else cell for cell in row] for row in table.rows]
        self._run.log({table.name: wandb.Table(columns=list(table.columns), data=rows)})

    def close(self) -> None:
        """End the run."""
        self._run.finish()


def _is_nan(value: str | float) -> bool:
    return isinstance(value, float) and math.isnan(value)
