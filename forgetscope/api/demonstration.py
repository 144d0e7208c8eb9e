"""The whole loop on the testbed: base, reinforcement learning, evaluation, report."""

from __future__ import annotations

import shutil
from pathlib import Path

from forgetscope.api.study import Study
from forgetscope.api.training import TrainingOutcome, TrainingRequest, train_and_report
from forgetscope.errors import UsageError
from forgetscope.recap import recipe_of
from forgetscope.records import Progress, no_progress

__all__ = ["run_demo"]

N_ITEMS = 500
"""Items of each task: enough to prove what is lost here, and quick."""


def run_demo(out: Path, *, seed: int = 0, progress: Progress = no_progress) -> TrainingOutcome:
    """Train, evaluate and report; a run that was interrupted goes on, a finished one is shown.

    Parameters
    ----------
    out
        Folder for the trained checkpoints, the studies and the reports.
    seed
        Of the base model and of its training by reinforcement learning.

    Returns
    -------
    TrainingOutcome
        RECAP beside plain GRPO. The report of what plain GRPO forgot is in `out/report`, that of
        RECAP in `out/report-recap`.

    Raises
    ------
    TrainingError
        If TRL is not installed.
    """
    from forgetscope import testbed

    work = out / f"seed-{seed}"
    base = _copied(testbed.train_base(seed=seed, progress=progress), work / "base")
    content = {
        "model": str(base),
        "method": "recap",
        "reasoning": ["testbed:math"],
        "replay": ["testbed:general"],
        "run": {"seed": seed},
        "evaluation": {"limit": N_ITEMS},
    }
    request = TrainingRequest(
        recipe=recipe_of(content, where="the demo"),
        out=work,
        compare=("grpo",),
        command=f"forgetscope demo --seed {seed}",
    )
    outcome = train_and_report(request, progress=progress)
    if outcome is None:
        raise UsageError("the demo runs in one process", hint="run `forgetscope demo` by itself")
    for method, name in (("grpo", "report"), ("recap", "report-recap")):
        with Study(request.folder_of(method) / "study") as study:
            study.save_report(out / name)
    return outcome


def _copied(cached: Path, folder: Path) -> Path:
    """Put the model beside what is made of it, so that the report names no cache."""
    if not folder.is_dir():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(cached, unfinished)
        unfinished.rename(folder)
    return folder
