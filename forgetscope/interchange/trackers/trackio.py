"""Trackio: a local database, shown by `trackio show`; `TRACKIO_SPACE_ID` names a Space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trackio

from forgetscope.interchange.trackers.tracker import Settings, Table

__all__ = ["open_run"]


def open_run(place: str, *, name: str, settings: Settings) -> TrackioRun:
    """Open a new run in a project."""
    run = trackio.init(
        project=place, name=name, config=dict(settings), auto_log_gpu=False, auto_log_cpu=False
    )
    return TrackioRun(run)


class TrackioRun:
    """A run of trackio."""

    def __init__(self, run: Any) -> None:  # noqa: ANN401  # untyped library
        self._run = run
        self._step = 0

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Log the numbers of a step at once."""
        self._step = step
        self._run.log(dict(values), step=step)

    def table(self, table: Table) -> None:
        """Log a table beside the last step."""
        import pandas as pd

        frame = pd.DataFrame(list(table.rows), columns=list(table.columns))
        self._run.log({table.name: trackio.Table(dataframe=frame)}, step=self._step)

    def close(self) -> None:
        """End the run; trackio would end it once more, aloud, if it still thought it open."""
        trackio.finish()
