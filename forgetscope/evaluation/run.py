"""Evaluate a series of checkpoints into a study; only what is missing is computed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import Built, LoadedTask, judge, load_tasks
from forgetscope.evaluation.plan import Builder, check_prompts, check_tasks
from forgetscope.evaluation.provenance import now, versions
from forgetscope.records import Answer, Checkpoint, OwnTask, Progress, Request, no_progress
from forgetscope.scoring import (
    EngineConfig,
    Tokenizer,
    describe_engine,
    engine_fingerprint,
    open_engine,
    open_tokenizer,
)
from forgetscope.store import Answers, Study
from forgetscope.suites import Suite, suite_of

__all__ = ["EvaluationOptions", "OpenSuite", "Summary", "evaluate_series", "open_suite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """How a series is evaluated."""

    data_dir: Path | None = None
    """Local mirror of benchmark data."""
    limit: int | None = None
    """At most this many documents of each task."""
    chat_template: bool = False
    """Ask through the tokenizer's chat template."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    own: tuple[OwnTask, ...] = ()
    base: str | None = None
    """Label of the checkpoint to compare with; default: the study's, else the first."""
    command: str = ""
    """The command line, for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one evaluation did."""

    computed: int
    """Requests that were answered now."""
    kept: int
    """Requests that the study had answers to."""
    notes: tuple[str, ...] = ()
    """What a person should know, e.g. that weights changed under an old path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSuite:
    """A suite whose tasks are loaded."""

    suite: Suite
    tasks: tuple[LoadedTask, ...]


def open_suite(suite: Suite, *, options: EvaluationOptions) -> OpenSuite:
    """Load the tasks of a suite; what is wrong with it shows before a study is touched.

    Raises
    ------
    UnknownNameError, DataError, UsageError
        See `harness.load_tasks`.
    """
    return OpenSuite(
        suite=suite, tasks=load_tasks(suite, data_dir=options.data_dir, own=options.own)
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
        If the study holds a task under other settings, or a label from another source.
    PairingError
        If a checkpoint would be asked other prompts than those of the study.
    """
    suite = opened.suite
    with study.writer():
        check_tasks(study, [each.task for each in opened.tasks])
        notes = _check_labels(study, series)
        _note_choice(study, suite, options.base or series[0].label, is_asked=bool(options.base))
        run = study.start_run(
            command=options.command,
            started=now(),
            provenance={"versions": versions(), "seed": suite.seed, "suite": suite.fingerprint},
        )
        builder = Builder(opened.tasks, seed=suite.seed, limit=options.limit, progress=progress)
        session = _Session(study=study, builder=builder, options=options, progress=progress)
        counts = [
            session.evaluate(checkpoint, stage=f"{checkpoint.label} ({number} of {len(series)})")
            for number, checkpoint in enumerate(series, start=1)
        ]
        study.finish_run(run, finished=now())
        notes += _engine_notes(study)
    return Summary(
        computed=sum(count.computed for count in counts),
        kept=sum(count.kept for count in counts),
        notes=(*notes, *(note for count in counts for note in count.notes)),
    )


def _note_choice(study: Study, suite: Suite, base: str, *, is_asked: bool) -> None:
    """Note suite and base before the first answer, so that an interrupted study knows them."""
    content = study.meta("suite")
    known = suite_of(content, where=str(study.folder)) if isinstance(content, dict) else suite
    study.set_meta("suite", known.merged(suite).to_json())
    if is_asked or study.meta("base") is None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What is the same for all checkpoints of one call."""

    study: Study
    builder: Builder
    options: EvaluationOptions
    progress: Progress

    def evaluate(self, checkpoint: Checkpoint, *, stage: str) -> Summary:
        tokenizer = open_tokenizer(checkpoint)
        built = self._prompts(tokenizer)
        check_prompts(self.study, built, label=checkpoint.label)
        self.study.add_tasks([each.loaded.task for each in built])
        for each in built:
            self.study.add_items(each.items)
            self.study.add_requests(each.requests)
        config = self.options.engine
        engine = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
        held = self.study.answers(model=checkpoint.fingerprint, engine=engine)
        requests = [request for each in built for request in each.requests]
        answered = held.answered()
        missing = sum(request.id not in answered for request in requests)
        if missing:
            self._answer(checkpoint, tokenizer, requests, held, stage)
        _judge(built, held, is_new=missing > 0)
        description = describe_engine(tokenizer, config, checkpoint=checkpoint)
        self.study.put_checkpoint(checkpoint, engine=engine, description=description)
        return Summary(computed=missing, kept=len(requests) - missing)

    def _prompts(self, tokenizer: Tokenizer) -> tuple[Built, ...]:
        if not self.options.chat_template:
            return self.builder.built()
        return self.builder.built(template=tokenizer.fingerprint, render_chat=tokenizer.render_chat)

    def _answer(
        self,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        requests: Sequence[Request],
        held: Answers,
        stage: str,
    ) -> None:
        answered = held.answered()
        done, total = sum(request.id in answered for request in requests), len(requests)
        self.progress(stage, done, total, note="loading")
        engine = open_engine(checkpoint, tokenizer, self.options.engine)
        # all requests go in, the answered ones too: batches are then the same whether or not
        # the run was interrupted, and so is every digit of the answers
        for answers in in_batches(engine.answer(requests, answered=answered)):
            held.append(answers)
            done += sum(answer.request_id not in answered for answer in answers)
            self.progress(stage, done, total)


def _judge(built: Sequence[Built], held: Answers, *, is_new: bool) -> None:
    """Score what has no score yet; everything, where answers came in now."""
    scored = set() if is_new else held.scored()
    for each in built:
        if all(item.id in scored for item in each.items):
            continue
        answers = held.by_request([request.id for request in each.requests])
        hashes = {item.id: item.prompt_hash for item in each.items}
        held.put_scores(judge(each, answers), prompt_hashes=hashes)


def in_batches(answers: Iterable[Answer], *, seconds: float = 1.0) -> Iterator[list[Answer]]:
    """Collect answers for about so long, so that storing them costs little and loses little."""
    batch: list[Answer] = []
    since = time.monotonic()
    for answer in answers:
        batch.append(answer)
        if time.monotonic() - since >= seconds:
            yield batch
            batch, since = [], time.monotonic()
    if batch:
        yield batch
