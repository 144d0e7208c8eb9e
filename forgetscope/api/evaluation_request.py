"""What is asked of an evaluation: the suite, and how it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.source_names import choice_called
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import ThinkTags
from forgetscope.scoring import check_engine
from forgetscope.store import Study as StoredStudy
from forgetscope.store import is_study
from forgetscope.suites import Suite, TaskChoice, check_domain, load_suite, suite_of

if TYPE_CHECKING:
    from forgetscope.evaluation import EvaluationOptions

__all__ = ["EvaluationRequest", "options_of", "wanted_suite"]

PROBES = ("recover",)
"""What can be asked beyond the suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What to evaluate a series on, and how."""

    suite: str | None = None
    """A preset or a suite file."""
    tasks: tuple[str, ...] = ()
    """Tasks or groups of lm-eval by name, or files of one's own, beside the suite."""
    limit: int | None = None
    """At most this many random items of each task."""
    repeats: int = 1
    """How often tasks are asked whose answers are drawn at random."""
    rerun: bool = False
    """Ask the base once more, in other batches, what is not drawn at random."""
    probe: str | None = None
    """What to ask beyond the suite: `recover` asks lost items again, with help."""
    until_margin: float | None = None
    """Ask each domain only until it is decided at this margin; `None`: ask everything."""
    base: str | None = None
    """Label of the checkpoint to compare with; default: the first."""
    target: str | None = None
    """Domain that was trained for."""
    source_tokens: int | None = None
    """Longest answer to a task that is called like a source of training; default: the task's."""
    engine: str = "hf"
    executor: str = "local"
    """`local` or `ray`: where answers are computed."""
    workers: int | None = None
    """Processes of a Ray cluster that hold a checkpoint each; default: as many as it has place
    for."""
    dtype: str = "auto"
    chat_template: bool = False
    system: str | None = None
    """System prompt."""
    thinking: bool | None = None
    """Whether the chat template lets the model think; `None`: as it does by itself."""
    think_tags: tuple[str, str] | None = None
    """What stands before and behind thoughts; default: the tags that the chat template names."""
    temperature: float | None = None
    top_p: float | None = None
    max_new_tokens: int | None = None
    """Of every generated answer, instead of what the suite says; `None`: as the suite has it."""
    data_dir: Path | None = None
    """Local mirror of benchmark data."""
    allow_code: bool = False
    """Run programs that a model wrote, each in a process with limits, where a task asks for it."""
    command: str = ""
    """The command line, for the record."""


def wanted_suite(request: EvaluationRequest, folder: Path) -> Suite:
    """Return the suite that a request means; what it leaves open is as in the study, if any.

    Raises
    ------
    UsageError
        If nothing is chosen, or engine, probe, suite or target are unknown.
    """
    check_engine(request.engine)
    if request.probe not in (None, *PROBES):
        raise UnknownNameError("probe", request.probe, known=PROBES)
    return _wanted_suite(request, _stored_suite(folder))


def options_of(request: EvaluationRequest, suite: Suite | None = None) -> EvaluationOptions:
    """Return how a request wants its suite evaluated; without one no task is made."""
    options = _options(request)
    if suite is None:
        return options
    from forgetscope.api.own_tasks import own_tasks

    return replace(options, own=own_tasks(suite))


def _options(request: EvaluationRequest) -> EvaluationOptions:
    from forgetscope.evaluation import EvaluationOptions, ExecutorConfig
    from forgetscope.scoring import EngineConfig

    tags = request.think_tags
    return EvaluationOptions(
        data_dir=request.data_dir,
        allow_code=request.allow_code,
        limit=request.limit,
        repeats=request.repeats,
        rerun=request.rerun,
        recover=request.probe is not None,
        chat_template=request.chat_template,
        system=request.system,
        thinking=request.thinking,
        think_tags=None if tags is None else ThinkTags(opening=tags[0], closing=tags[1]),
        until_margin=request.until_margin,
        engine=EngineConfig(name=request.engine, dtype=request.dtype),
        executor=ExecutorConfig(name=request.executor, workers=request.workers),
        base=request.base,
        command=request.command,
    )


def _stored_suite(folder: Path) -> Suite | None:
    if not is_study(folder):
        return None
    with StoredStudy(folder) as study:
        content = study.meta("suite")
    return suite_of(content, where=str(folder)) if isinstance(content, dict) else None


def _wanted_suite(request: EvaluationRequest, known: Suite | None) -> Suite:
    choices = tuple(
        choice_called(name, source_tokens=request.source_tokens) for name in request.tasks
    )
    if request.suite is not None:
        suite = load_suite(request.suite)
        suite = replace(suite, choices=suite.choices + choices)
    elif choices:
        suite = Suite(name=known.name if known else "tasks", choices=choices)
    elif known is not None:
        suite = known
    else:
        raise UsageError(
            "nothing to evaluate on",
            hint="choose a suite with `--suite NAME` or tasks with `--tasks A,B`",
        )
    suite = replace(suite, choices=tuple(_decoded(choice, request) for choice in suite.choices))
    target = request.target or suite.target or (known.target if known else None)
    return replace(suite, target=check_domain(target) if target else None)


def _decoded(choice: TaskChoice, request: EvaluationRequest) -> TaskChoice:
    """Return a choice with what the request says of all generated answers."""
    cap = choice.max_new_tokens if request.max_new_tokens is None else request.max_new_tokens
    return replace(
        choice,
        max_new_tokens=cap,
        temperature=choice.temperature if request.temperature is None else request.temperature,
        top_p=choice.top_p if request.top_p is None else request.top_p,
    )
