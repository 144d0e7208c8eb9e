"""A study in a tracker: a point per checkpoint, and the table of verdicts."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from forgetscope.api.policies import AnyPolicy
from forgetscope.api.study import Study
from forgetscope.errors import ForgetscopeError, UnavailableError
from forgetscope.interchange.measures import TABLE_COLUMNS, points_of, table_of
from forgetscope.interchange.trackers import Table, Tracker, open_tracker, parse_tracker
from forgetscope.records import Diagnosis

__all__ = ["track"]


def track(
    study: Study,
    address: str,
    *,
    diagnosis: Diagnosis | None = None,
    policy: AnyPolicy | None = None,
    margin: float | None = None,
) -> int:
    """Log every checkpoint of a study to a tracker, and return how many there were.

    Parameters
    ----------
    study
        What was evaluated.
    address
        `tensorboard:DIR`, `wandb:PROJECT`, `trackio:PROJECT` or `mlflow:URI`.
    diagnosis
        What was found in it, where that is known already.
    policy, margin
        As in `Study.compare`, where it is not.

    Raises
    ------
    UnknownNameError, UsageError
        If the address makes no sense.
    UnavailableError
        If the tracker's package is not installed, or the tracker fails.
    """
    diagnosis = diagnosis or study.diagnose(policy=policy, margin=margin)
    settings: dict[str, str | float] = {
        "study": str(study.folder),
        "base": diagnosis.base,
        "margin": diagnosis.margin,
        "alpha": diagnosis.alpha,
    }
    try:
        opened = open_tracker(address, name=_name(study.folder), settings=settings)
        with closing(opened) as tracker:
            return _log(diagnosis, study, tracker)
    except ForgetscopeError:
        raise
    except Exception as error:  # each tracker has errors of its own, and none are ours
        kind, first = parse_tracker(address).kind, str(error).strip().partition("\n")[0]
        raise UnavailableError(
            f"{kind} could not log to `{address}`: {type(error).__name__}: {first}",
            hint="the study is whole; `forgetscope report STUDY --track ...` logs it again",
        ) from error


def _name(folder: Path) -> str:
    """Return what a run is called: the study's path as it was written, as many end in `study`."""
    parts = [part for part in folder.parts if part not in ("/", "..")]
    return "/".join(parts) or folder.resolve().name


def _log(diagnosis: Diagnosis, study: Study, tracker: Tracker) -> int:
    points = points_of(diagnosis, study.checkpoints)
    for point in points:
        tracker.log(point.values, step=point.step)
    rows = table_of(diagnosis, study.checkpoints)
    if rows:
        tracker.table(Table(name="forgetting/verdicts", columns=TABLE_COLUMNS, rows=rows))
    return len(points)
