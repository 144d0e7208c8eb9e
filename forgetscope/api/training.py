"""Train by a recipe, evaluate what came out, and diff it with what went in and with a rival."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.difference import diff
from forgetscope.api.overlap import evaluated_questions
from forgetscope.api.own_tasks import N_EVALUATED, is_source
from forgetscope.api.series import EvaluationRequest, evaluate_into
from forgetscope.api.study import Study
from forgetscope.diagnosis import rival_of
from forgetscope.errors import UsageError
from forgetscope.recap import (
    Material,
    Recipe,
    check_overlap,
    checkpoints_in,
    domain_of_source,
    find_overlap,
    load_sources,
    method_of,
    parse_source,
)
from forgetscope.records import GateResult, Lesson, Progress, Rival, no_progress
from forgetscope.store import Study as StoredStudy
from forgetscope.store.training import training_json
from forgetscope.suites import DOMAINS, TESTBED, Suite, TaskChoice, load_suite

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

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods, the recipe's own first."""
        own = self.recipe.method
        return (own, *(method_of(name).name for name in dict.fromkeys(self.compare) if name != own))

    def folder_of(self, method: str) -> Path:
        """Return the folder of a method's checkpoints and study."""
        return self.out if method == self.recipe.method else self.out / f"compare-{method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """What a training command made."""

    trained: Trained
    views: Mapping[str, ReportView] = field(default_factory=dict)
    """By method, the recipe's own first: the base and its checkpoints; empty without evaluation."""
    diffs: Mapping[str, ReportView] = field(default_factory=dict)
    """By rival method: its last checkpoint against that of the recipe."""
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
    _check(request)
    evaluation = _evaluation(request) if request.is_evaluated else None
    reasoning, replay = _materials(request)
    if evaluation is not None and not request.allow_overlap:
        _refuse_overlap([*reasoning, *replay], evaluation)
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


def _check(request: TrainingRequest) -> None:
    """Refuse a recipe that lacks something, before anything is loaded."""
    recipe = request.recipe
    if not recipe.model:
        raise UsageError("there is no model to train", hint="name it with `--model`")
    if not recipe.reasoning:
        raise UsageError("there is no target to train on", hint="name it with `--reasoning SOURCE`")
    replaying = [name for name in request.methods if method_of(name).replays]
    if replaying and not recipe.replay:
        raise UsageError(
            f"the method `{replaying[0]}` replays, and there is nothing to replay",
            hint="name general material with `--replay SOURCE`, or choose `--method grpo`",
        )


def _materials(request: TrainingRequest) -> tuple[tuple[Material, ...], tuple[Material, ...]]:
    recipe = request.recipe
    data_dir = recipe.evaluation.get("data_dir")

    def lessons(name: str) -> Sequence[Lesson]:
        from forgetscope.evaluation import task_lessons

        return task_lessons(name, data_dir=None if data_dir is None else Path(data_dir))

    seed = recipe.run.seed
    reasoning = load_sources(
        recipe.reasoning, seed=seed, n_held_out=N_EVALUATED, task_lessons=lessons
    )
    if not any(method_of(name).replays for name in request.methods):
        return reasoning, ()
    replay = load_sources(recipe.replay, seed=seed, is_replay=True, task_lessons=lessons)
    return reasoning, replay


def _refuse_overlap(materials: Sequence[Material], evaluation: EvaluationRequest) -> None:
    """Raise a `UsageError` if a lesson is also evaluated."""
    suite = load_suite(evaluation.suite) if evaluation.suite else None
    choices = tuple(TaskChoice(name=name) for name in evaluation.tasks)
    if suite is None:
        suite = Suite(name="tasks", choices=choices)
    else:
        suite = replace(suite, choices=suite.choices + choices)
    asked = evaluated_questions(suite, data_dir=evaluation.data_dir, limit=evaluation.limit)
    lessons = {material.name: material.lessons for material in materials}
    check_overlap(find_overlap(lessons, asked))


def _evaluation(request: TrainingRequest) -> EvaluationRequest:
    """Return what is evaluated: the suite, and what the target's sources hold out."""
    recipe = request.recipe
    wanted = dict(recipe.evaluation)
    tasks = wanted.pop("tasks", ())
    data_dir = wanted.pop("data_dir", None)
    names = tuple(tasks.split(",")) if isinstance(tasks, str) else tuple(tasks)
    if not wanted.get("suite") and not names:
        wanted["suite"] = _suite_of_testbed(recipe)
    target = wanted.pop("target", None) or _target(recipe)
    return EvaluationRequest(
        **wanted,
        tasks=(*names, *_held_out(recipe)),
        target=target,
        source_tokens=recipe.run.max_new_tokens,
        data_dir=None if data_dir is None else Path(data_dir),
        chat_template=recipe.chat_template,
        base=BASE,
        command=request.command,
    )


def _suite_of_testbed(recipe: Recipe) -> str:
    """Return the testbed's suite, where all targets are of the testbed."""
    if recipe.reasoning and all(source.startswith(f"{TESTBED}:") for source in recipe.reasoning):
        return TESTBED
    raise UsageError(
        "nothing to evaluate the checkpoints on",
        hint="choose `--suite NAME` or `--tasks A,B`, or train alone with `--no-eval`",
    )


def _held_out(recipe: Recipe) -> tuple[str, ...]:
    """Return the targets' sources as tasks: what they hold out is evaluated."""
    seed = recipe.run.seed
    specs = [parse_source(source) for source in recipe.reasoning if is_source(source)]
    seeded = [spec if spec.seed is not None else replace(spec, seed=seed) for spec in specs]
    return tuple(spec.text for spec in seeded)


def _target(recipe: Recipe) -> str | None:
    """Return the domain of the targets, where they are of one domain that reports know."""
    specs = [parse_source(source) for source in recipe.reasoning]
    domains = {domain_of_source(spec) for spec in specs}
    return domains.pop() if len(domains) == 1 and domains <= set(DOMAINS) else None


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
    views: dict[str, ReportView] = {}
    diffs: dict[str, ReportView] = {}
    for method, folder in folders.items():
        with Study(folder / "study") as study:
            views[method] = study.save_report(folder / "report", margin=request.budget)
        if method != request.recipe.method:
            sides = (str(folder / "study"), str(request.out / "study"))
            names = (method, request.recipe.method)
            diffs[method] = diff(*sides, out=request.out / f"diff-{method}", names=names)
    gate = None
    if request.budget is not None:
        with Study(request.out / "study") as study:
            gate = study.gate(margin=request.budget, require="held")
    return TrainingOutcome(trained=trained, views=views, diffs=diffs, gate=gate)
