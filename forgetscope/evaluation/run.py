"""Evaluate a series of checkpoints into a study; only what is missing is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from forgetscope.evaluation.asked_with import asking_notes, cut_notes, note_caps
from forgetscope.evaluation.bookkeeping import (
    base_of,
    check_labels,
    engine_notes,
    note_choice,
    provenance_of,
    sampling_notes,
)
from forgetscope.evaluation.each import evaluate_each
from forgetscope.evaluation.executor import Executor, open_executor
from forgetscope.evaluation.harness import AskedTask, KeptPrompts
from forgetscope.evaluation.options import EvaluationOptions
from forgetscope.evaluation.outlook import Outlook
from forgetscope.evaluation.plan import Builder, check_tasks
from forgetscope.evaluation.provenance import now
from forgetscope.evaluation.recover import RecoveryOptions, recover
from forgetscope.evaluation.session import Prepared, Session
from forgetscope.evaluation.summary import Summary
from forgetscope.records import Checkpoint, Progress, no_progress
from forgetscope.store import Study
from forgetscope.suites import Suite

__all__ = ["EvaluationOptions", "OpenSuite", "Summary", "evaluate_series", "open_suite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSuite:
    """A suite that can be asked."""

    suite: Suite
    tasks: tuple[AskedTask, ...]
    builder: Builder
    """Its prompts, built once however often it is evaluated."""
    left_out: tuple[str, ...] = ()
    """A sentence for each optional task that cannot be run here."""
    notes: tuple[str, ...] = ()
    """How programs that a model writes run; empty where none do."""
    is_local: bool
    """Whether all its tasks ran on data in files, so that a change of them can be seen."""


def open_suite(
    suite: Suite,
    *,
    options: EvaluationOptions,
    kept: KeptPrompts | None = None,
    progress: Progress = no_progress,
) -> OpenSuite:
    """Load the tasks of a suite; what is wrong with it shows before a study is touched.

    Parameters
    ----------
    kept
        Where the prompts of this suite may be kept: then lm-eval waits until answers are judged.

    Raises
    ------
    UnknownNameError, DataError, UsageError
        See `harness.load_suite_tasks`.
    """
    if kept is not None:
        builder = Builder(
            lambda: kept.opened.tasks,
            seed=suite.seed,
            limit=options.limit,
            kept=kept,
            progress=progress,
        )
        tasks = kept.tasks()
        if tasks is not None:
            return OpenSuite(suite=suite, tasks=tasks, builder=builder, is_local=True)
        loaded = kept.opened
    else:
        # imported late: it loads lm-eval, which prompts that are kept do not need
        from forgetscope.evaluation.harness import load_suite_tasks

        loaded = load_suite_tasks(
            suite,
            data_dir=options.data_dir,
            own=options.own,
            engine=options.engine.name,
            style=options.style,
            allow_code=options.allow_code,
        )
        builder = Builder(
            lambda: loaded.tasks, seed=suite.seed, limit=options.limit, progress=progress
        )
    return OpenSuite(
        suite=suite,
        tasks=loaded.tasks,
        builder=builder,
        left_out=loaded.left_out,
        notes=loaded.notes,
        is_local=not loaded.left_out and all(each.is_local for each in loaded.tasks),
    )


def evaluate_series(
    series: Sequence[Checkpoint],
    opened: OpenSuite,
    study: Study,
    *,
    options: EvaluationOptions,
    progress: Progress = no_progress,
) -> Summary:
    """Evaluate checkpoints on a suite.

    Each answer is stored as its batch is done: killed at any moment, the same call goes on.

    Raises
    ------
    UsageError
        If the study holds a task under other settings, or a label from another source, or if the
        base is to be asked again and is none of the checkpoints.
    PairingError
        If a checkpoint would be asked other prompts than those of the study.
    CheckpointError, NoNumbersError
        If a checkpoint is broken; all others are evaluated before.
    """
    suite, tasks = opened.suite, [each.task for each in opened.tasks]
    with study.writer():
        check_tasks(study, opened.tasks, options=options)
        notes = [*opened.left_out, *opened.notes, *check_labels(study, series)]
        base = base_of(study, series, options)
        note_choice(study, suite, base)
        told = {"left_out": list(opened.left_out)} if opened.left_out else {}
        note_caps(study, opened.tasks)
        run = study.start_run(
            command=options.command,
            started=now(),
            provenance=provenance_of(suite, options, base) | told,
        )
        with open_executor(options.executor, device=options.engine.device) as executor:
            session = Session(
                study=study,
                builder=opened.builder,
                options=options,
                progress=progress,
                outlook=Outlook(of=len(series)),
                executor=executor,
            )
            counts = _evaluated(session, series, base=base, seed=suite.seed)
            if options.recover:
                notes += _recover(session, series, seed=suite.seed)
        study.finish_run(run, finished=now())
        notes += engine_notes(study) + sampling_notes(tasks, options)
        tokenizers = session.tokenizers.values()
        notes += asking_notes(opened.tasks, options, tokenizers=tokenizers)
        if any(count.computed for count in counts):
            notes += cut_notes(study, series)
        if options.rerun:
            # imported late: it loads the statistics
            from forgetscope.evaluation.rerun_note import rerun_notes

            notes += rerun_notes(study, base)
    return _summary(series, counts, notes, is_whole=options.until_margin is None)


def _summary(
    series: Sequence[Checkpoint], counts: Sequence[Summary], notes: Sequence[str], *, is_whole: bool
) -> Summary:
    """Add up what was done; answers are counted only where every checkpoint gave all of them."""
    answers: dict[str, int] = {}
    if is_whole:
        pairs = zip(series, counts, strict=True)
        answers = {checkpoint.label: count.computed + count.kept for checkpoint, count in pairs}
    return Summary(
        computed=sum(count.computed for count in counts),
        kept=sum(count.kept for count in counts),
        notes=(*notes, *(note for count in counts for note in count.notes)),
        answers=answers,
    )


def _evaluated(
    session: Session, series: Sequence[Checkpoint], *, base: str, seed: int
) -> list[Summary]:
    if session.options.until_margin is not None:
        # imported late: it loads the statistics
        from forgetscope.evaluation.until import evaluate_until

        return evaluate_until(session, series, base=base, seed=seed)
    prepared = [
        partial(
            session.prepare,
            checkpoint,
            stage=f"{checkpoint.label} ({number} of {len(series)})",
            is_rerun=session.options.rerun and checkpoint.label == base,
        )
        for number, checkpoint in enumerate(series, start=1)
    ]
    return evaluate_each(_in_turn(session.executor, series, _in_time(prepared, session.executor)))


def _in_time(
    prepared: Sequence[Callable[[], Prepared]], executor: Executor
) -> Sequence[Callable[[], Prepared]]:
    """Prepare one checkpoint after the other, or all of them where workers can begin ahead."""
    if not executor.looks_ahead:
        return prepared
    known = [prepare() for prepare in prepared]
    executor.expect(job for each in known for job in each.jobs())
    return [partial(_itself, each) for each in known]


def _itself(prepared: Prepared) -> Prepared:
    return prepared


def _in_turn(
    executor: Executor, series: Sequence[Checkpoint], prepared: Sequence[Callable[[], Prepared]]
) -> Iterator[Callable[[], Summary]]:
    """Yield the evaluation of each checkpoint, while the next one is read."""
    for number, prepare in enumerate(prepared, start=1):
        if number < len(series):
            executor.read_next(series[number])
        yield partial(_evaluate, prepare)


def _evaluate(prepare: Callable[[], Prepared]) -> Summary:
    return prepare().evaluate()


def _recover(session: Session, series: Sequence[Checkpoint], *, seed: int) -> list[str]:
    options = session.options
    found = recover(
        series,
        session.study,
        prompts=session.prompts,
        options=RecoveryOptions(seed=seed, is_chat=options.chat_template, engine=options.engine),
        open_engine=session.executor.open,
        progress=session.progress,
    )
    return [f"recovery: {found.asked:,} answers computed, {found.kept:,} kept", *found.notes]
