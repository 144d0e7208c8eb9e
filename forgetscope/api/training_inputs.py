"""What a training run learns from and is asked afterwards, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forgetscope.api.evaluation_request import EvaluationRequest
from forgetscope.api.evaluation_settings import request_of
from forgetscope.api.overlap import evaluated_questions
from forgetscope.api.own_tasks import N_EVALUATED
from forgetscope.api.source_names import choice_called, is_source
from forgetscope.api.training_request import BASE, TrainingRequest
from forgetscope.errors import UsageError
from forgetscope.recap import (
    Material,
    Recipe,
    check_overlap,
    domain_of_source,
    find_overlap,
    load_sources,
    method_of,
    parse_source,
)
from forgetscope.records import Lesson
from forgetscope.suites import DOMAINS, TESTBED, Suite, load_suite

__all__ = ["check_request", "evaluation_of", "materials_of", "refuse_overlap"]


def check_request(request: TrainingRequest) -> None:
    """Refuse a recipe that lacks something, before anything is loaded."""
    recipe = request.recipe
    if not recipe.model:
        raise UsageError("there is no model to train", hint="name it with `--model`")
    if not recipe.reasoning:
        raise UsageError("there is no target to train on", hint="name it with `--reasoning SOURCE`")
    for source in (*recipe.reasoning, *recipe.replay):
        parse_source(source)
    replaying = [name for name in request.methods if method_of(name).replays]
    if replaying and not recipe.replay:
        raise UsageError(
            f"the method `{replaying[0]}` replays, and there is nothing to replay",
            hint="name general material with `--replay SOURCE`, or choose `--method grpo`",
        )


def materials_of(
    request: TrainingRequest,
) -> tuple[tuple[Material, ...], tuple[Material, ...]]:
    """Return the material of the targets, and what is replayed beside it."""
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


def refuse_overlap(materials: Sequence[Material], evaluation: EvaluationRequest) -> None:
    """Raise a `UsageError` if a lesson is also evaluated."""
    suite = load_suite(evaluation.suite) if evaluation.suite else None
    choices = tuple(choice_called(name) for name in evaluation.tasks)
    if suite is None:
        suite = Suite(name="tasks", choices=choices)
    else:
        suite = replace(suite, choices=suite.choices + choices)
    asked = evaluated_questions(suite, data_dir=evaluation.data_dir, limit=evaluation.limit)
    lessons: dict[str, list[Lesson]] = {}
    for material in materials:
        # one source may be named twice, with other seeds
        lessons.setdefault(material.name, []).extend(material.lessons)
    check_overlap(find_overlap(lessons, asked))


def evaluation_of(request: TrainingRequest) -> EvaluationRequest:
    """Return what is evaluated: the suite, and what the target's sources hold out."""
    recipe = request.recipe
    wanted = request_of(
        {**recipe.evaluation, "chat_template": recipe.chat_template},
        source_tokens=recipe.run.max_new_tokens,
        base=BASE,
        command=request.command,
    )
    suite = wanted.suite or (None if wanted.tasks else _suite_of_testbed(recipe))
    tasks = (*wanted.tasks, *_held_out(recipe))
    return replace(wanted, suite=suite, tasks=tasks, target=wanted.target or _target(recipe))


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
