"""Evaluate a series of checkpoints into a study; only what is missing is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forgetscope.evaluation.asked_with import asking_notes, cut_notes, note_caps
from forgetscope.evaluation.bookkeeping import (
    base_of,
    check_labels,
    engine_notes,
    note_choice,
    provenance_of,
    sampling_notes,
)
from forgetscope.evaluation.executor import Executor, open_executor
from forgetscope.evaluation.harness import LoadedTask, load_suite_tasks
from forgetscope.evaluation.options import EvaluationOptions
from forgetscope.evaluation.outlook import Outlook
from forgetscope.evaluation.plan import Builder, check_tasks
from forgetscope.evaluation.provenance import now
from forgetscope.evaluation.recover import RecoveryOptions, recover
from forgetscope.evaluation.session import Prepared, Session
from forgetscope.evaluation.summary import Summary
from forgetscope.evaluation.until import evaluate_until
from forgetscope.records import Checkpoint, Progress, no_progress
from forgetscope.store import Study
from forgetscope.suites import Suite

__all__ = ["EvaluationOptions", "OpenSuite", "Summary", "evaluate_series", "open_suite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSuite:
    """A suite whose tasks are loaded."""

    suite: Suite
    tasks: tuple[LoadedTask, ...]
    builder: Builder
    """Its prompts, built once however often it is evaluated."""
    left_out: tuple[str, ...] = ()
    """A sentence for each optional task that cannot be run here."""

    @property
    def is_local(self) -> bool:
        """Whether all its tasks ran on data in files, so that a change of them can be seen."""
        return not self.left_out and all(each.is_local for each in self.tasks)


def open_suite(
    suite: Suite, *, options: EvaluationOptions, progress: Progress = no_progress
) -> OpenSuite:
    """Load the tasks of a suite; what is wrong with it shows before a study is touched.

    Raises
    ------
    UnknownNameError, DataError, UsageError
        See `harness.load_suite_tasks`.
    """
    loaded = load_suite_tasks(
        suite,
        data_dir=options.data_dir,
        own=options.own,
        engine=options.engine.name,
        style=options.style,
    )
    builder = Builder(loaded.tasks, seed=suite.seed, limit=options.limit, progress=progress)
    return OpenSuite(suite=suite, tasks=loaded.tasks, builder=builder, left_out=loaded.left_out)


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
    """
    suite, tasks = opened.suite, [each.task for each in opened.tasks]
    with study.writer():
        check_tasks(study, opened.tasks, options=options)
        notes = [*opened.left_out, *check_labels(study, series)]
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
    return Summary(
        computed=sum(count.computed for count in counts),
        kept=sum(count.kept for count in counts),
        notes=(*notes, *(note for count in counts for note in count.notes)),
        answers={}
        if options.until_margin is not None
        else {
            checkpoint.label: count.computed + count.kept
            for checkpoint, count in zip(series, counts, strict=True)
        },
    )


def _evaluated(
    session: Session, series: Sequence[Checkpoint], *, base: str, seed: int
) -> list[Summary]:
    if session.options.until_margin is not None:
        return evaluate_until(session, series, base=base, seed=seed)
    prepared = (
        session.prepare(
            checkpoint,
            stage=f"{checkpoint.label} ({number} of {len(series)})",
            is_rerun=session.options.rerun and checkpoint.label == base,
        )
        for number, checkpoint in enumerate(series, start=1)
    )
    return [each.evaluate() for each in _in_time(prepared, session.executor)]


def _in_time(prepared: Iterable[Prepared], executor: Executor) -> Iterable[Prepared]:
    """Prepare one checkpoint after the other, or all of them where workers can begin ahead."""
    if not executor.looks_ahead:
        return prepared
    known = list(prepared)
    executor.expect(job for each in known for job in each.jobs())
    return known


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
