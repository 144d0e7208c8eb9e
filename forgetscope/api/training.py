"""Train by a recipe, evaluate what came out, and diff it with what went in and with a rival."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.difference import shown_diff
from forgetscope.api.evaluation_request import EvaluationRequest, options_of, wanted_suite
from forgetscope.api.save import Shown
from forgetscope.api.series import evaluate_into
from forgetscope.api.study import Study
from forgetscope.api.training_inputs import (
    check_request,
    evaluation_of,
    materials_of,
    refuse_overlap,
)
from forgetscope.api.training_request import BASE, TrainingOutcome, TrainingRequest
from forgetscope.diagnosis import rival_of
from forgetscope.errors import UsageError
from forgetscope.recap import checkpoints_in
from forgetscope.records import Progress, Rival, no_progress
from forgetscope.store import Study as StoredStudy
from forgetscope.store.training import training_json

if TYPE_CHECKING:
    from forgetscope.recap import Trained

__all__ = ["TrainingOutcome", "TrainingRequest", "train_and_report"]


def train_and_report(
    request: TrainingRequest, *, progress: Progress = no_progress
) -> TrainingOutcome | None:
    """Train, evaluate, compare and report; the same call goes on after an interruption.

    Parameters
    ----------
    request
        What to train.
    progress
        Told about training and evaluation.

    Returns
    -------
    TrainingOutcome or None
        `None` on every process but the first of a distributed run.

    Raises
    ------
    UsageError
        The recipe, a source or the suite makes no sense, or training items are among those that
        are evaluated.
    """
    recipe = request.recipe
    check_request(request)
    evaluation = evaluation_of(request) if request.is_evaluated else None
    if evaluation is not None:
        # what cannot be asked is told before hours of training
        wanted_suite(evaluation, request.out / "study")
        options_of(evaluation)
    reasoning, replay = materials_of(request)
    if evaluation is not None and not request.allow_overlap:
        refuse_overlap([*reasoning, *replay], evaluation)
    # what is heavy is loaded once the cheap checks have passed
    from forgetscope import recap

    folders = {method: request.folder_of(method) for method in request.methods}
    runs = {
        method: recap.train(
            recipe.model,
            folder,
            recipe=replace(recipe, method=method),
            reasoning=reasoning,
            replay=replay,
            progress=progress,
        )
        for method, folder in folders.items()
    }
    main = runs[recipe.method]
    if not main.is_main_process:
        return None
    if evaluation is None:
        return TrainingOutcome(trained=main)
    _evaluate(request, list(folders.values()), evaluation, progress)
    _note(folders, runs)
    return _report(request, folders, main)


def _evaluate(
    request: TrainingRequest,
    folders: Sequence[Path],
    evaluation: EvaluationRequest,
    progress: Progress,
) -> None:
    """Evaluate the base once for all methods, then each method's checkpoints in its own study."""
    base = f"{BASE}={request.recipe.model}"
    first, *others = (folder / "study" for folder in folders)
    if not first.is_dir():
        evaluate_into([base], first, request=evaluation, progress=progress)
        for study in others:
            _copy(first, study)
    for folder in folders:
        series = _answering(folder, model=request.recipe.model)
        evaluate_into([base, str(series)], folder / "study", request=evaluation, progress=progress)


def _answering(folder: Path, *, model: str) -> Path:
    """Return the folder of checkpoints that can answer: adapters are merged into the model."""
    from forgetscope.recap.adapters import is_adapter
    from forgetscope.recap.blends import write_blend

    adapters = [path for path in checkpoints_in(folder) if is_adapter(path)]
    if not adapters:
        return folder
    if not Path(model).is_dir():
        raise UsageError(
            f"the adapters of `{model}` can be evaluated only where the model lies in a folder",
            hint="download it and name the folder with `--model`, or train with `--no-eval`",
        )
    for path in adapters:
        merged = folder / "merged" / path.name
        if not merged.is_dir():
            write_blend(Path(model), path, merged, share=1.0)
    return folder / "merged"


def _copy(study: Path, copy: Path) -> None:
    """Copy a study under its name in one step, so that it is whole or absent."""
    if copy.is_dir():
        return
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(study, unfinished)
    unfinished.rename(copy)


def _note(folders: Mapping[str, Path], runs: Mapping[str, Trained]) -> None:
    """Tell each study how its checkpoints were made, and what the other methods came to."""
    rivals = {method: _rival(method, folder / "study") for method, folder in folders.items()}
    for method, folder in folders.items():
        others = tuple(rival for name, rival in rivals.items() if name != method)
        training = replace(runs[method].training, rivals=others)
        with StoredStudy(folder / "study") as study, study.writer():
            study.set_meta("training", training_json(training))


def _rival(method: str, folder: Path) -> Rival:
    with Study(folder) as study:
        return rival_of(study.diagnose(), method=method, checkpoints=study.checkpoints)


def _report(
    request: TrainingRequest, folders: Mapping[str, Path], trained: Trained
) -> TrainingOutcome:
    views: dict[str, Shown] = {}
    diffs: dict[str, Shown] = {}
    for method, folder in folders.items():
        with Study(folder / "study") as study:
            views[method] = study.report(folder / "report", margin=request.budget)
        if method != request.recipe.method:
            sides = (str(folder / "study"), str(request.out / "study"))
            names = (method, request.recipe.method)
            diffs[method] = shown_diff(*sides, out=request.out / f"diff-{method}", names=names)
    gate = None
    if request.budget is not None:
        with Study(request.out / "study") as study:
            gate = study.gate(margin=request.budget, require="held")
    return TrainingOutcome(
        trained=trained,
        views={method: shown.view for method, shown in views.items()},
        diffs={method: shown.view for method, shown in diffs.items()},
        results={method: shown.results for method, shown in views.items()},
        diff_results={method: shown.results for method, shown in diffs.items()},
        gate=gate,
    )
