"""MLflow: a tracking server or a folder, by its URI; no active run of the process is touched."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from forgetscope.interchange.trackers.tracker import Settings, Table

__all__ = ["open_run"]

EXPERIMENT = "forgetscope"


def open_run(place: str, *, name: str, settings: Settings) -> MlflowRun:
    """Open a new run in the experiment `forgetscope`, which is made if need be."""
    client = MlflowClient(tracking_uri=place)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    known = client.create_experiment(EXPERIMENT) if experiment is None else experiment.experiment_id
    run = client.create_run(known, run_name=name)
    params = [Param(key, str(value)) for key, value in settings.items()]
    client.log_batch(run.info.run_id, params=params)
    return MlflowRun(client, run.info.run_id)


class MlflowRun:
    """A run of MLflow."""

    def __init__(self, client: Any, run_id: str) -> None:  # noqa: ANN401  # untyped library
        self._client = client
        self._id = run_id

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Log the numbers of a step in one call."""
        now = int(time.time() * 1000)
        metrics = [Metric(key, value, now, step) for key, value in values.items()]
        self._client.log_batch(self._id, metrics=metrics)

    def table(self, table: Table) -> None:
        """Log a table as a JSON artifact."""
        columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
        data = {
            name: [None if isinstance(v, float) and math.isnan(v) else v for v in column]
            for name, column in zip(table.columns, columns, strict=True)
        }
        self._client.log_table(self._id, data=data, artifact_file=f"{table.name}.json")

    def close(self) -> None:
        """Mark the run as finished."""
        self._client.set_terminated(self._id)
