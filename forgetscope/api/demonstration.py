"""The whole loop on the testbed: base, reinforcement learning, evaluation, report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forgetscope.api.blending import Blended, BlendRequest, blend
from forgetscope.api.evaluation_request import EvaluationRequest
from forgetscope.api.several import view
from forgetscope.api.study import Study
from forgetscope.api.training import TrainingOutcome, TrainingRequest, train_and_report
from forgetscope.errors import UsageError
from forgetscope.recap import recipe_of
from forgetscope.records import Progress, no_progress
from forgetscope.scoring import resolve_series

__all__ = ["Demonstration", "run_demo"]

N_ITEMS = 500
"""Items of each task: enough to prove what is lost here, and quick."""

BLEND_MARGIN = 0.05
"""What half of so few items can prove held: a loss of none is one of at most 2 to 3 points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What plain GRPO forgot, and what two remedies gave back."""

    training: TrainingOutcome
    """RECAP beside plain GRPO."""
    blend: Blended
    """The base blended with plain GRPO's last checkpoint."""


def run_demo(out: Path, *, seed: int = 0, progress: Progress = no_progress) -> Demonstration:
    """Train, blend, evaluate and report; interrupted, it goes on, and finished, it is shown.

    Parameters
    ----------
    out
        Folder for the trained checkpoints, the studies and the reports.
    seed
        Of the base model and of its training by reinforcement learning.

    Returns
    -------
    Demonstration
        The report of what plain GRPO forgot is in `out/report`, that of RECAP in
        `out/report-recap`, that of the blend in `out/report-blend`; all three stand side by side
        in `out/view`.

    Raises
    ------
    TrainingError
        If TRL is not installed.
    UsageError
        If nothing can be written to `out`.
    """
    from forgetscope import testbed
    from forgetscope.testbed.quiet import torch_threads

    work = _made(out / f"seed-{seed}")
    base = _copied(testbed.train_base(seed=seed, progress=progress), work / "base")
    request = _request(base, work, seed=seed)
    with torch_threads(1):
        outcome = train_and_report(request, progress=progress)
        if outcome is None:
            raise UsageError("the demo runs in one process", hint="run `forgetscope demo` alone")
        grpo = request.folder_of("grpo")
        blended = _blended(base, grpo, work / "blend", command=request.command, progress=progress)
    studies = {"grpo": grpo, "recap": request.folder_of("recap"), "blend": work / "blend"}
    _report(studies, out, command=request.command)
    return Demonstration(training=outcome, blend=blended)


def _request(base: Path, work: Path, *, seed: int) -> TrainingRequest:
    content = {
        "model": str(base),
        "method": "recap",
        "reasoning": ["testbed:math"],
        "replay": ["testbed:general"],
        "run": {"seed": seed},
        "evaluation": {"limit": N_ITEMS},
    }
    return TrainingRequest(
        recipe=recipe_of(content, where="the demo"),
        out=work,
        compare=("grpo",),
        command=f"forgetscope demo --seed {seed}",
    )


def _report(studies: Mapping[str, Path], out: Path, *, command: str) -> None:
    """Write a page for each recipe, and one for all of them."""
    for recipe, folder in studies.items():
        with Study(folder / "study") as study:
            study.save_report(out / ("report" if recipe == "grpo" else f"report-{recipe}"))
    named = [f"{recipe}={folder / 'study'}" for recipe, folder in studies.items()]
    view(named, out=out / "view", command=command)


def _made(folder: Path) -> Path:
    """Make a folder before a minute is spent on what would go into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write the demo to `{folder}`: {error.strerror or error}",
            hint="choose another folder with `--out`",
        ) from error
    return folder


def _blended(base: Path, run: Path, out: Path, *, command: str, progress: Progress) -> Blended:
    """Look between the base and the last checkpoint of a run for what holds every domain."""
    last = resolve_series([str(run)])[-1]
    request = BlendRequest(
        evaluation=EvaluationRequest(
            suite="testbed", limit=N_ITEMS, target="math", command=command
        ),
        margin=BLEND_MARGIN,
        require="held",
    )
    return blend(str(base), last.source, out, request=request, progress=progress)


def _copied(cached: Path, folder: Path) -> Path:
    """Put the model beside what is made of it, so that the report names no cache."""
    if not folder.is_dir():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(cached, unfinished)
        unfinished.rename(folder)
    return folder
