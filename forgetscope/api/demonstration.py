"""The whole loop on the testbed: base, reinforcement learning, evaluation, report."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.series import EvaluationRequest, evaluate_into
from forgetscope.api.study import Study
from forgetscope.records import Progress, no_progress
from forgetscope.suites import TESTBED

if TYPE_CHECKING:
    from forgetscope.report import ReportView

__all__ = ["run_demo"]


def run_demo(out: Path, *, seed: int = 0, progress: Progress = no_progress) -> ReportView:
    """Train, evaluate and report; a run that was interrupted goes on, a finished one is shown.

    Parameters
    ----------
    out
        Folder for the trained checkpoints, the study and the report.
    seed
        Of the base model and of its training by reinforcement learning.

    Returns
    -------
    ReportView
        What the report in `out/report` shows.

    Raises
    ------
    TrainingError
        If TRL is not installed.
    """
    from forgetscope import testbed

    work = out / f"seed-{seed}"
    base = _copied(testbed.train_base(seed=seed, progress=progress), work / "base")
    _train(base, work / "grpo", seed=seed, progress=progress)
    request = EvaluationRequest(suite=TESTBED, command=f"forgetscope demo --seed {seed}")
    series = [str(base), str(work / "grpo")]
    evaluate_into(series, work / "study", request=request, progress=progress)
    with Study(work / "study") as study:
        return study.save_report(out / "report")


def _copied(cached: Path, folder: Path) -> Path:
    """Put the model beside what is made of it, so that the report names no cache."""
    if not folder.is_dir():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(cached, unfinished)
        unfinished.rename(folder)
    return folder


def _train(base: Path, folder: Path, *, seed: int, progress: Progress) -> None:
    """Train the checkpoints unless they are all there: a run that was cut short begins anew."""
    from forgetscope import recap, testbed

    if folder.is_dir():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    recap.train_grpo(
        base,
        unfinished,
        config=recap.GrpoRun(seed=seed),
        prompts=testbed.target_prompts(n=2000, seed=seed),
        rewards={"accuracy": testbed.accuracy, "format": testbed.marked_once},
        progress=progress,
    )
    unfinished.rename(folder)
