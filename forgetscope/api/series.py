"""Evaluate a series of checkpoints, from names to a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from forgetscope.api.evaluation_request import EvaluationRequest, options_of, wanted_suite
from forgetscope.api.evaluation_settings import EvaluationSettings, request_of
from forgetscope.api.source_names import is_source
from forgetscope.errors import UnknownNameError
from forgetscope.records import Checkpoint, Progress, no_progress
from forgetscope.store import Study as StoredStudy
from forgetscope.store import is_study
from forgetscope.suites import Suite

if TYPE_CHECKING:
    from forgetscope.api.receipts import Receipts
    from forgetscope.api.study import Study
    from forgetscope.evaluation import EvaluationOptions, Summary
    from forgetscope.evaluation.harness import KeptPrompts, LoadedSuite
    from forgetscope.evaluation.stamps import Behind

__all__ = ["evaluate", "evaluate_into"]


def evaluate(
    checkpoints: Sequence[str],
    *,
    out: Path | str,
    base: str | None = None,
    **settings: Unpack[EvaluationSettings],
) -> Study:
    """Evaluate a series of checkpoints into the study in `out` and open it.

    Parameters
    ----------
    checkpoints
        Folders, folders of `checkpoint-*`, adapters or `BASE+ADAPTER`, `org/name@revision`, `.gguf`
        files or servers (`http://HOST/v1#MODEL`), base first.
    base
        Label of the checkpoint to compare with; default: the first.
    **settings
        What to evaluate on, and how, by the names of `EvaluationSettings`; without `suite` and
        `tasks` on the study's own suite.

    Raises
    ------
    ForgetscopeError
        Whatever the command `forgetscope eval` would print.
    """
    request = request_of(settings, base=base, command="forgetscope.evaluate(...)")
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
        options_of(request)  # a cluster that cannot be is told before weights are looked at
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
                return _noted(summary, study, series, suite, options=options_of(request))
    from forgetscope.evaluation import evaluate_series, open_suite

    options = replace(options_of(request), keeps_caps=_keeps_caps(folder))
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
