"""Evaluate a series of checkpoints, from names to a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.source_names import choice_called, is_source
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import Checkpoint, Progress, ThinkTags, no_progress
from forgetscope.scoring import check_engine
from forgetscope.store import Study as StoredStudy
from forgetscope.store import is_study
from forgetscope.suites import Suite, TaskChoice, check_domain, load_suite, suite_of

if TYPE_CHECKING:
    from forgetscope.api.receipts import Receipts
    from forgetscope.api.study import Study
    from forgetscope.evaluation import EvaluationOptions, Summary
    from forgetscope.evaluation.harness import KeptPrompts, LoadedSuite
    from forgetscope.evaluation.stamps import Behind

__all__ = ["EvaluationRequest", "evaluate", "evaluate_into", "options_of", "wanted_suite"]

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


def evaluate(
    checkpoints: Sequence[str],
    *,
    out: Path | str,
    suite: str | None = None,
    tasks: Sequence[str] = (),
    limit: int | None = None,
    target: str | None = None,
    data_dir: Path | str | None = None,
) -> Study:
    """Evaluate a series of checkpoints into the study in `out` and open it.

    Parameters
    ----------
    checkpoints
        Folders, folders of `checkpoint-*`, adapters or `BASE+ADAPTER`, `org/name@revision`, `.gguf`
        files or servers (`http://HOST/v1#MODEL`), base first.
    suite, tasks
        A preset or suite file, or names of lm-eval tasks; default: the study's own suite.

    Raises
    ------
    ForgetscopeError
        Whatever the command `forgetscope eval` would print.
    """
    request = EvaluationRequest(
        suite=suite,
        tasks=tuple(tasks),
        limit=limit,
        target=target,
        data_dir=None if data_dir is None else Path(data_dir),
        command="forgetscope.evaluate(...)",
    )
    from forgetscope.api.study import Study

    evaluate_into(checkpoints, Path(out), request=request)
    return Study(out)


def evaluate_into(
    checkpoints: Sequence[str],
    folder: Path,
    *,
    request: EvaluationRequest,
    progress: Progress = no_progress,
) -> Summary:
    """Evaluate a series of checkpoints into the study in `folder`, which is made if need be."""
    suite = wanted_suite(request, folder)
    if (request.executor, request.workers) != ("local", None):
        _options(request)  # a cluster that cannot be is told before weights are looked at
    # what is heavy is loaded once the cheap checks have passed
    from forgetscope.scoring import resolve_series

    series = resolve_series(checkpoints)
    labels = [checkpoint.label for checkpoint in (*_stored_series(folder), *series)]
    if request.base is not None and request.base not in labels:
        raise UnknownNameError("checkpoint", request.base, known=labels)
    behind = _behind(suite, request)
    receipts = _receipts(series, behind, request)
    if receipts is not None and is_study(folder):
        with StoredStudy(folder) as study, study.writer():
            if (summary := receipts.summary(study)) is not None:
                return _noted(summary, study, series, suite, options=_options(request))
    from forgetscope.evaluation import evaluate_series, open_suite

    options = replace(_options(request), keeps_caps=_keeps_caps(folder))
    kept = None if behind is None else _kept_prompts(folder, behind, suite, options)
    if kept is None:
        options = replace(options, own=options_of(request, suite).own)
    opened = open_suite(suite, options=options, kept=kept, progress=progress)
    with StoredStudy(folder, create=True) as study:
        summary = evaluate_series(series, opened, study, options=options, progress=progress)
        if receipts is not None and opened.is_local:
            with study.writer():
                receipts.keep(study, summary.answers)
        return summary


def _behind(suite: Suite, request: EvaluationRequest) -> Behind | None:
    """Return what prompts follow from; `None` where not all of it can be looked at."""
    # what lies in a file of one's own may have changed
    if any(choice.file or is_source(choice.name) for choice in suite.choices):
        return None
    from forgetscope.evaluation.stamps import Behind

    return Behind.of(suite, data_dir=request.data_dir)


def _kept_prompts(
    folder: Path, behind: Behind, suite: Suite, options: EvaluationOptions
) -> KeptPrompts | None:
    """Return the prompts that a study keeps; `None` where what they follow from just changed."""
    if not behind.latest.is_settled:
        return None
    from forgetscope.evaluation.harness import KeptPrompts
    from forgetscope.evaluation.stamps import digest

    def open_suite() -> LoadedSuite:
        from forgetscope.api.own_tasks import own_tasks
        from forgetscope.evaluation.harness import load_suite_tasks

        return load_suite_tasks(
            suite,
            data_dir=options.data_dir,
            own=own_tasks(suite),
            engine=options.engine.name,
            style=options.style,
            allow_code=options.allow_code,
        )

    asked = [asdict(options.chat), options.style, options.limit, options.engine.name]
    key = digest([behind.parts, asked])
    return KeptPrompts(folder / "prompts", key=key, open_suite=open_suite)


def _receipts(
    series: Sequence[Checkpoint], behind: Behind | None, request: EvaluationRequest
) -> Receipts | None:
    """Return the receipts of a request; `None` where it asks for what none is kept of."""
    is_special = request.rerun or request.probe or request.until_margin is not None
    # of other engines nothing is known of what their answers depend on
    is_special = is_special or request.engine != "hf"
    is_special = is_special or not all(checkpoint.kind.is_proved for checkpoint in series)
    if is_special or behind is None:
        return None
    from forgetscope.api.receipts import Receipts

    asked = {
        "limit": request.limit,
        "repeats": request.repeats,
        "engine": request.engine,
        "dtype": request.dtype,
        "chat_template": request.chat_template,
        "system": request.system,
        "thinking": request.thinking,
        "think_tags": request.think_tags,
    }
    return Receipts.of(series, behind, asked=asked)


def _noted(
    summary: Summary,
    study: StoredStudy,
    series: Sequence[Checkpoint],
    suite: Suite,
    *,
    options: EvaluationOptions,
) -> Summary:
    """Note in the study a command that had nothing to ask, as it is noted of any other."""
    from forgetscope.evaluation import bookkeeping
    from forgetscope.evaluation.provenance import now

    notes = bookkeeping.check_labels(study, series)
    base = bookkeeping.base_of(study, series, options)
    bookkeeping.note_choice(study, suite, base)
    run = study.start_run(
        command=options.command,
        started=now(),
        provenance=bookkeeping.provenance_of(suite, options, base),
    )
    study.finish_run(run, finished=now())
    notes += bookkeeping.engine_notes(study)
    notes += bookkeeping.sampling_notes(study.tasks(), options)
    return replace(summary, notes=tuple(notes))


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
    from forgetscope.api.own_tasks import own_tasks

    options = _options(request)
    return options if suite is None else replace(options, own=own_tasks(suite))


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


def _keeps_caps(folder: Path) -> bool:
    """Whether a study of chats began when every task had its own cap."""
    if not is_study(folder):
        return False
    with StoredStudy(folder) as study:
        return any(run.get("chat_template") and "style" not in run for run in study.runs())


def _stored_series(folder: Path) -> tuple[Checkpoint, ...]:
    if not is_study(folder):
        return ()
    with StoredStudy(folder) as study:
        return study.series()


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
