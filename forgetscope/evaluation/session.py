"""A session: evaluate checkpoints one by one, under the same options, into one study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from forgetscope.evaluation.batches import in_batches
from forgetscope.evaluation.bookkeeping import described
from forgetscope.evaluation.chat import open_chat
from forgetscope.evaluation.executor import Executor, Job, digest_of
from forgetscope.evaluation.harness import Built
from forgetscope.evaluation.looks import finish_looks
from forgetscope.evaluation.options import EvaluationOptions
from forgetscope.evaluation.outlook import Outlook
from forgetscope.evaluation.passes import Pass, passes_of
from forgetscope.evaluation.plan import Builder, check_prompts
from forgetscope.evaluation.respondent import Respondent
from forgetscope.evaluation.scored import keep_scores
from forgetscope.evaluation.summary import Summary, labelled
from forgetscope.records import Checkpoint, Progress, Standing
from forgetscope.scoring import (
    Engine,
    Tokenizer,
    describe_engine,
    engine_fingerprint,
    open_tokenizer,
    room_for_prompt,
    tokenizer_digest,
)
from forgetscope.store import Answers, Study

__all__ = ["Prepared", "Session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is the same for all checkpoints of one call."""

    study: Study
    builder: Builder
    options: EvaluationOptions
    progress: Progress
    outlook: Outlook
    executor: Executor
    tokenizers: dict[str, Tokenizer] = field(default_factory=dict)
    """By fingerprint: checkpoints of a series mostly have one, and many may be prepared at once."""
    tokenizer_files: dict[str, Tokenizer] = field(default_factory=dict)
    """By a digest of the files that they were opened from."""

    def prepare(self, checkpoint: Checkpoint, *, stage: str, is_rerun: bool) -> Prepared:
        """Find out what the study does not know of a checkpoint yet.

        Parameters
        ----------
        stage
            What a person is shown beside the progress.
        is_rerun
            Ask once more what is not drawn at random.
        """
        tokenizer = self.tokenizer(checkpoint)
        built = self.note_prompts(checkpoint, tokenizer)
        config = self.options.engine
        engine = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
        held = self.study.answers(model=checkpoint.fingerprint, engine=engine)
        asking = _Asking(
            session=self,
            checkpoint=checkpoint,
            tokenizer=tokenizer,
            held=held,
            passes=passes_of(built, repeats=self.options.repeats, is_rerun=is_rerun, config=config),
            stage=stage,
        )
        description = describe_engine(tokenizer, config, checkpoint=checkpoint)

        def note() -> None:
            told = described(self.study, engine, description, notes=asking.notes)
            self.study.put_checkpoint(checkpoint, engine=engine, description=told)
            if self.options.portion is None:
                whole = {each.loaded.task.domain for each in built}
                finish_looks(self.study, whole, model=checkpoint.fingerprint, engine=engine)

        return Prepared(asking=asking, note=note)

    def tokenizer(self, checkpoint: Checkpoint) -> Tokenizer:
        """Return the tokenizer of a checkpoint, with what it encoded before."""
        files = tokenizer_digest(checkpoint)
        if files is not None and files in self.tokenizer_files:
            return self.tokenizer_files[files]
        opened = open_tokenizer(checkpoint)
        tokenizer = self.tokenizers.setdefault(opened.fingerprint, opened)
        if tokenizer is opened:
            tokenizer.book = self.builder.token_book(tokenizer.fingerprint)
        if files is not None:
            self.tokenizer_files[files] = tokenizer
        return tokenizer

    def respondent(
        self, checkpoint: Checkpoint, *, engine: str = "", like: Checkpoint | None = None
    ) -> Respondent:
        """Return a checkpoint that is asked part by part.

        Parameters
        ----------
        checkpoint
            What answers.
        engine
            Fingerprint of what answered for it, where its weights are not at hand.
        like
            Whose tokenizer to build prompts with then.
        """
        tokenizer, config = self.tokenizer(like or checkpoint), self.options.engine
        engine = engine or engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
        return Respondent(
            checkpoint,
            tokenizer,
            engine=engine,
            config=config,
            held=self.study.answers(model=checkpoint.fingerprint, engine=engine),
            open_engine=self.executor.open,
        )

    def put(self, answerer: Respondent) -> None:
        """Take a respondent into the series of the study."""
        description = describe_engine(
            answerer.tokenizer, self.options.engine, checkpoint=answerer.checkpoint
        )
        told = described(self.study, answerer.engine, description, notes=answerer.notes)
        self.study.put_checkpoint(answerer.checkpoint, engine=answerer.engine, description=told)
        self.builder.keep_tokens(answerer.tokenizer)

    def note_prompts(self, checkpoint: Checkpoint, tokenizer: Tokenizer) -> tuple[Built, ...]:
        """Return what a checkpoint is asked, with all of it noted in the study.

        Raises
        ------
        PairingError
            If others were asked in other words.
        UsageError
            If answers may be so long that no prompt fits beside them.
        """
        built = self.prompts(tokenizer)
        self._check_room(built, checkpoint, tokenizer)
        check_prompts(self.study, built, label=checkpoint.label, options=self.options)
        self.study.add_tasks([each.loaded.task for each in built])
        for each in built:
            self.study.add_items(each.items)
            self.study.add_requests(each.requests)
        return built

    def _check_room(
        self, built: Sequence[Built], checkpoint: Checkpoint, tokenizer: Tokenizer
    ) -> None:
        """Refuse what no prompt fits beside, before the study has heard of it."""
        decodings = {r.decoding for each in built for r in each.requests if r.decoding is not None}
        if decodings:
            described = describe_engine(tokenizer, self.options.engine, checkpoint=checkpoint)
            for decoding in decodings:
                room_for_prompt(
                    decoding, max_length=int(described["max_length"]), name=checkpoint.label
                )

    def prompts(self, tokenizer: Tokenizer) -> tuple[Built, ...]:
        """Return the tasks as a checkpoint with this tokenizer is asked them."""
        built = self.builder.built(open_chat(tokenizer, self.options.chat))
        portion = self.options.portion
        return built if portion is None else tuple(each.part(portion) for each in built)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A checkpoint that can be asked."""

    asking: _Asking
    note: Callable[[], None]
    """Notes it in the study."""

    def jobs(self) -> Iterator[Job]:
        """Yield what it will be asked."""
        return self.asking.jobs()

    def evaluate(self) -> Summary:
        """Ask the checkpoint, score its answers, and note it in the study."""
        summary = self.asking.run()
        self.note()
        self.asking.keep_tokens()
        return summary


class _Asking:
    """The passes of one checkpoint."""

    def __init__(
        self,
        *,
        session: Session,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        held: Answers,
        passes: Sequence[Pass],
        stage: str,
    ) -> None:
        self._checkpoint = checkpoint
        self._tokenizer = tokenizer
        self._held = held
        self._passes = passes
        self._progress = session.progress
        self._outlook = session.outlook
        self._executor = session.executor
        self._keep_tokens = session.builder.keep_tokens
        self._stage = stage
        self._total = sum(len(each.requests) for each in passes)
        self._done = 0
        self._engine: Engine | None = None
        self._engine_pass: Pass | None = None

    def run(self) -> Summary:
        # looked up now: a checkpoint with the same weights may have answered since
        open_P = [self._missing(each) for each in self._passes]
        computed = sum(map(len, open_P))
        self._done = self._total - computed
        self._outlook.begin(self._checkpoint.label, self._passes, open_P)
        for each, open_ids in zip(self._passes, open_P, strict=True):
            if open_ids:
                self._outlook.begin_pass(each, open_ids)
                self._answer(each)
            # where answers came in now, everything is scored anew
            scored = set() if open_ids else self._held.scored(sample=each.sample_index)
            keep_scores(each.built, self._held, scored=scored, sample=each.sample_index)
        notes = labelled(self._checkpoint.label, self.notes)
        return Summary(computed=computed, kept=self._total - computed, notes=notes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine had to say of how it computed; empty where nothing was asked."""
        return () if self._engine is None else self._engine.notes

    def jobs(self) -> Iterator[Job]:
        """Yield what will be asked, pass by pass and part by part."""
        for each in self._passes:
            open_ids = self._missing(each)
            if not open_ids:
                continue
            engine = engine_fingerprint(self._tokenizer, each.config, checkpoint=self._checkpoint)
            for part in each.parts:
                yield Job(
                    checkpoint=self._checkpoint,
                    tokenizer=self._tokenizer,
                    config=each.config,
                    engine=engine,
                    requests=part,
                    digest=digest_of(part),
                    asked=frozenset(r.id for r in part if r.id in open_ids),
                    sample_index=each.sample_index,
                )

    def keep_tokens(self) -> None:
        """Keep what was encoded for later commands."""
        self._keep_tokens(self._tokenizer)

    def _missing(self, each: Pass) -> frozenset[str]:
        """Return the ids of what a pass has still to ask."""
        answered = self._held.answered(sample=each.sample_index)
        return frozenset(r.id for r in each.requests if r.id not in answered)

    def _answer(self, each: Pass) -> None:
        answered = self._held.answered(sample=each.sample_index)
        engine = self._opened(each)
        # all requests go in, the answered ones too: batches are then the same whether or not
        # the run was interrupted, and so is every digit of the answers
        for part in each.parts:
            coming = engine.answer(part, answered=answered, sample_index=each.sample_index)
            for answers in in_batches(coming):
                self._held.append(answers)
                self._done += sum(answer.request_id not in answered for answer in answers)
                self._tell(note=each.note, standing=self._outlook.note(answers))

    def _opened(self, each: Pass) -> Engine:
        """Return the engine; one at a time is in memory."""
        if (
            self._engine is None
            or self._engine_pass is None
            or (self._engine_pass.config != each.config)
        ):
            self._engine = None
            self._tell(note="loading", standing=self._outlook.standing())
            self._engine = self._executor.open(self._checkpoint, self._tokenizer, each.config)
            self._engine_pass = each
        return self._engine

    def _tell(self, *, note: str, standing: Standing) -> None:
        self._progress(self._stage, self._done, self._total, note=note, standing=standing)
