"""Evaluate a series of checkpoints into a study; only what is missing is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import LoadedTask, load_tasks
from forgetscope.evaluation.options import EvaluationOptions, Summary
from forgetscope.evaluation.outlook import Outlook
from forgetscope.evaluation.passes import describe_rerun
from forgetscope.evaluation.plan import Builder, check_tasks
from forgetscope.evaluation.provenance import now, versions
from forgetscope.evaluation.recover import RecoveryOptions, recover
from forgetscope.evaluation.session import Session
from forgetscope.evaluation.until import evaluate_until
from forgetscope.records import Checkpoint, Progress, Task, no_progress
from forgetscope.store import Study
from forgetscope.suites import Suite, suite_of

__all__ = ["EvaluationOptions", "OpenSuite", "Summary", "evaluate_series", "open_suite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSuite:
    """A suite whose tasks are loaded."""

    suite: Suite
    tasks: tuple[LoadedTask, ...]
    builder: Builder
    """Its prompts, built once however often it is evaluated."""


def open_suite(
    suite: Suite, *, options: EvaluationOptions, progress: Progress = no_progress
) -> OpenSuite:
    """Load the tasks of a suite; what is wrong with it shows before a study is touched.

    Raises
    ------
    UnknownNameError, DataError, UsageError
        See `harness.load_tasks`.
    """
    tasks = load_tasks(suite, data_dir=options.data_dir, own=options.own)
    builder = Builder(tasks, seed=suite.seed, limit=options.limit, progress=progress)
    return OpenSuite(suite=suite, tasks=tasks, builder=builder)


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
        check_tasks(study, tasks)
        notes = _check_labels(study, series)
        base = _base_of(study, series, options)
        _note_choice(study, suite, base)
        run = study.start_run(
            command=options.command, started=now(), provenance=_provenance(suite, options, base)
        )
        session = Session(
            study=study,
            builder=opened.builder,
            options=options,
            progress=progress,
            outlook=Outlook(of=len(series)),
        )
        counts = _evaluated(session, series, base=base, seed=suite.seed)
        if options.recover:
            notes += _recover(session, series, seed=suite.seed)
        study.finish_run(run, finished=now())
        notes += _engine_notes(study) + _sampling_notes(tasks, options)
    return Summary(
        computed=sum(count.computed for count in counts),
        kept=sum(count.kept for count in counts),
        notes=(*notes, *(note for count in counts for note in count.notes)),
    )


def _evaluated(
    session: Session, series: Sequence[Checkpoint], *, base: str, seed: int
) -> list[Summary]:
    if session.options.until_margin is not None:
        return evaluate_until(session, series, base=base, seed=seed)
    return [
        session.evaluate(
            checkpoint,
            stage=f"{checkpoint.label} ({number} of {len(series)})",
            is_rerun=session.options.rerun and checkpoint.label == base,
        )
        for number, checkpoint in enumerate(series, start=1)
    ]


def _recover(session: Session, series: Sequence[Checkpoint], *, seed: int) -> list[str]:
    options = session.options
    found = recover(
        series,
        session.study,
        prompts=session.prompts,
        options=RecoveryOptions(seed=seed, is_chat=options.chat_template, engine=options.engine),
        progress=session.progress,
    )
    return [f"recovery: {found.asked:,} answers computed, {found.kept:,} kept", *found.notes]


def _base_of(study: Study, series: Sequence[Checkpoint], options: EvaluationOptions) -> str:
    """Return the label of the checkpoint to compare with."""
    base = options.base or str(study.meta("base") or series[0].label)
    if options.rerun and base not in {checkpoint.label for checkpoint in series}:
        raise UsageError(
            f"`--rerun` asks the base once more, and the base `{base}` is none of the checkpoints "
            f"named: {', '.join(f'`{checkpoint.label}`' for checkpoint in series)}",
            hint="name the base too; what it has answered already is kept",
        )
    if options.recover and base not in {c.label for c in (*series, *study.series())}:
        raise UsageError(
            f"lost is what the base had right, and the base `{base}` is not evaluated yet",
            hint="name the base too, before the other checkpoints",
        )
    return base


def _provenance(suite: Suite, options: EvaluationOptions, base: str) -> dict[str, Any]:
    found = {
        "versions": versions(),
        "seed": suite.seed,
        "suite": suite.fingerprint,
        "repeats": options.repeats,
        "recover": options.recover,
        "chat_template": options.chat_template,
    }
    if options.until_margin is not None:
        found |= {"until_verdict": {"margin": options.until_margin}}
    return found | ({"rerun": describe_rerun(options.engine, base=base)} if options.rerun else {})


def _note_choice(study: Study, suite: Suite, base: str) -> None:
    """Note suite and base before the first answer, so that an interrupted study knows them."""
    content = study.meta("suite")
    known = suite_of(content, where=str(study.folder)) if isinstance(content, dict) else suite
    study.set_meta("suite", known.merged(suite).to_json())
    study.set_meta("base", base)


def _check_labels(study: Study, series: Sequence[Checkpoint]) -> list[str]:
    held = {checkpoint.label: checkpoint for checkpoint in study.series()}
    notes = []
    for checkpoint in series:
        old = held.get(checkpoint.label)
        if old is None or old.fingerprint == checkpoint.fingerprint:
            continue
        if old.source != checkpoint.source:
            raise UsageError(
                f"the study already has a checkpoint `{checkpoint.label}`, from `{old.source}`",
                hint=f"give this one another label: `OTHER={checkpoint.source}`",
            )
        notes.append(f"the weights of `{checkpoint.label}` changed: evaluated again")
    return notes


def _engine_notes(study: Study) -> list[str]:
    """Say where checkpoints were not answered alike, which alone can move a score."""
    engines = study.engines()
    dtypes = sorted({str(engine.get("dtype")) for engine in engines.values()})
    if len({engine["fingerprint"] for engine in engines.values()}) < 2:
        return []
    if len(dtypes) > 1:
        return [f"checkpoints were run in {' and '.join(dtypes)}: choose one with `--dtype`"]
    return ["checkpoints were answered by different engines or tokenizers: see the report"]


def _sampling_notes(tasks: Sequence[Task], options: EvaluationOptions) -> list[str]:
    """Say where asking again could tell nothing new."""
    is_sampled = [task.is_sampled for task in tasks]
    notes = []
    if options.repeats > 1 and not any(is_sampled):
        notes.append(
            "no task draws its answers at random, so each was asked once despite `--repeats`: "
            "give one a `temperature` in a suite file"
        )
    if options.rerun and all(is_sampled):
        notes.append(
            "every task draws its answers at random, so `--rerun` had nothing to ask again: "
            "use `--repeats`"
        )
    return notes
