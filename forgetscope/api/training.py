"""Train by a recipe, evaluate what came out, and diff it with what went in and with a rival."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forgetscope.api.difference import diff
from forgetscope.api.overlap import refuse_overlap
from forgetscope.api.series import EvaluationRequest, evaluate_into
from forgetscope.api.study import Study
from forgetscope.diagnosis import rival_of
from forgetscope.errors import UsageError
from forgetscope.recap import Material, Recipe, load_sources, method_of
from forgetscope.records import GateResult, Progress, Rival, no_progress
from forgetscope.store import Study as StoredStudy
from forgetscope.store import training_json
from forgetscope.suites import TESTBED

if TYPE_CHECKING:
    from forgetscope.recap import Trained
    from forgetscope.report import ReportView

__all__ = ["TrainingOutcome", "TrainingRequest", "train_and_report"]

BASE = "base"
"""Label of the starting model in the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """What to train, and what to do with it afterwards."""

    recipe: Recipe
    out: Path
    """Folder of checkpoints, study and report."""
    compare: tuple[str, ...] = ()
    """Methods that are trained from the same base on the same prompts, to be compared."""
    is_evaluated: bool = True
    allow_overlap: bool = False
    """Whether training items may be among those that are evaluated."""
    command: str = ""
    """The command line, for the record."""

    @property
    def budget(self) -> float | None:
        """Largest loss that each general domain may take, a share; `None` without one."""
        found = self.recipe.rule.get("budget")
        return float(found) if self.recipe.rule_name == "budget" and found is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """What a training command made."""

    trained: Trained
    view: ReportView | None = None
    """Before and after; `None` where nothing was evaluated."""
    rivals: Mapping[str, ReportView] = field(default_factory=dict)
    """By method: its last checkpoint against that of the recipe."""
    gate: GateResult | None = None
    """Whether every general domain was held within the budget; `None` without one."""


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
    if not recipe.model:
        raise UsageError("there is no model to train", hint="name it with `--model`")
    evaluation = _evaluation(request) if request.is_evaluated else None
    reasoning, replay = _materials(request)
    if evaluation is not None and not request.allow_overlap:
        refuse_overlap([*reasoning, *replay], evaluation)
    from forgetscope import recap

    folders = _folders(request)
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


def _folders(request: TrainingRequest) -> dict[str, Path]:
    """Return the folder of each method, the recipe's own first."""
    others = [method_of(name).name for name in request.compare if name != request.recipe.method]
    rivals = {name: request.out / f"compare-{name}" for name in others}
    return {request.recipe.method: request.out, **rivals}


def _materials(request: TrainingRequest) -> tuple[tuple[Material, ...], tuple[Material, ...]]:
    recipe = request.recipe
    data_dir = recipe.evaluation.get("data_dir")
    options: dict[str, Any] = {
        "seed": recipe.run.seed,
        "task_lessons": _task_lessons(None if data_dir is None else Path(data_dir)),
    }
    reasoning = load_sources(recipe.reasoning, **options)
    replays = any(method_of(name).replays for name in (recipe.method, *request.compare))
    replay = load_sources(recipe.replay, is_replay=True, **options) if replays else ()
    return reasoning, replay


def _evaluation(request: TrainingRequest) -> EvaluationRequest:
    """Return what is evaluated; where nothing is said, the testbed's models know their suite."""
    wanted = dict(request.recipe.evaluation)
    sources = request.recipe.reasoning
    if not wanted.get("suite") and not wanted.get("tasks"):
        if not sources or not all(source.startswith(f"{TESTBED}:") for source in sources):
            raise UsageError(
                "nothing to evaluate the checkpoints on",
                hint="choose `--suite NAME` or `--tasks A,B`, or train alone with `--no-eval`",
            )
        wanted["suite"] = TESTBED
    tasks = wanted.pop("tasks", ())
    data_dir = wanted.pop("data_dir", None)
    return EvaluationRequest(
        **wanted,
        tasks=tuple(tasks.split(",")) if isinstance(tasks, str) else tuple(tasks),
        data_dir=None if data_dir is None else Path(data_dir),
        chat_template=request.recipe.chat_template,
        base=BASE,
        command=request.command,
    )


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
        checkpoints = str(recap.checkpoints_to_evaluate(folder, base=request.recipe.model))
        evaluate_into([base, checkpoints], folder / "study", request=evaluation, progress=progress)


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
    with Study(request.out / "study") as study:
        view = study.save_report(request.out / "report", margin=request.budget)
        gate = None
        if request.budget is not None:
            gate = study.gate(margin=request.budget, require="held")
    rivals = {}
    for method, folder in folders.items():
        if folder != request.out:
            with Study(folder / "study") as study:
                study.save_report(folder / "report")
            sides = (str(folder / "study"), str(request.out / "study"))
            rivals[method] = diff(*sides, out=request.out / f"diff-{method}")
    return TrainingOutcome(trained=trained, view=view, rivals=rivals, gate=gate)
