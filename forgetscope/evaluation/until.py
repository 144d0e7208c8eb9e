"""Ask each domain of a checkpoint only until its verdict is proved, at any moment one looks.

The base is asked the same items first, in strides that double, so that it is loaded seldom; the
checkpoint follows block by block, and after each block a domain that is FORGOT, HELD or GAINED is
asked no further. The evidence is that of `diagnosis.watched`, at the level that a reader of the
whole series will ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from forgetscope.diagnosis.early import verdict_so_far
from forgetscope.errors import UsageError
from forgetscope.evaluation.blocks import Block, Queue, queues
from forgetscope.evaluation.each import evaluate_each
from forgetscope.evaluation.harness import Built
from forgetscope.evaluation.looks import farther
from forgetscope.evaluation.respondent import Respondent
from forgetscope.evaluation.session import Session
from forgetscope.evaluation.summary import Summary, labelled
from forgetscope.records import Checkpoint, Look, Policy, Profile, Progress, Verdict

__all__ = ["evaluate_until"]

_FIRST_STRIDE = 300
"""Items of each domain that the base is asked at first; then as many again, and so on."""

_DECIDED = (Verdict.FORGOT, Verdict.HELD, Verdict.GAINED)


def evaluate_until(
    session: Session, series: Sequence[Checkpoint], *, base: str, seed: int
) -> list[Summary]:
    """Evaluate checkpoints against the base until their domains are decided.

    Parameters
    ----------
    session
        Its options have the margin.
    series
        The checkpoints, and the base among them unless it has answered everything.
    base
        Label of the base.
    seed
        Of the random order of the items.

    Raises
    ------
    UsageError
        If there is nothing to compare, or the base has more to answer and is not named.
    CheckpointError, NoNumbersError
        If a checkpoint is broken; all others are evaluated before.
    """
    others = [checkpoint for checkpoint in series if checkpoint.label != base]
    if not others:
        raise UsageError(
            "a verdict needs a checkpoint beside the base",
            hint="name one too, or leave out `--until-verdict`",
        )
    watch = _Watch(
        session,
        _reference(session, series, base),
        seed=seed,
        others=[checkpoint.label for checkpoint in others],
    )
    found = evaluate_each(
        partial(watch.evaluate, checkpoint, stage=f"{checkpoint.label} ({number} of {len(others)})")
        for number, checkpoint in enumerate(others, start=1)
    )
    return [*found, watch.base_summary()]


@dataclass(frozen=True, kw_only=True)
class _Reference:
    """The base, and what all are asked."""

    base: Respondent
    built: tuple[Built, ...]
    is_named: bool
    """Whether it may be asked; else it has answered everything, and its weights may be gone."""


def _reference(session: Session, series: Sequence[Checkpoint], base: str) -> _Reference:
    named = {checkpoint.label: checkpoint for checkpoint in series}
    if base in named:
        answerer = session.respondent(named[base])
        built = session.note_prompts(named[base], answerer.tokenizer)
        return _Reference(base=answerer, built=built, is_named=True)
    engines = session.study.engines()
    if base not in engines:
        raise UsageError(
            f"the base `{base}` is not evaluated yet", hint="name it before the other checkpoints"
        )
    answerer = session.respondent(
        session.study.checkpoint(base), engine=str(engines[base]["fingerprint"]), like=series[0]
    )
    built = session.prompts(answerer.tokenizer)
    if not answerer.knows(built):
        raise UsageError(
            f"the base `{base}` may have to answer more, and is not named",
            hint="name it before the other checkpoints; what it has answered is kept",
        )
    return _Reference(base=answerer, built=built, is_named=False)


class Tell:
    """Counts the answers of one checkpoint for the person who waits.

    What a decided domain is not asked any more is no longer part of the whole, so that the time
    left, reckoned from what was answered, is the longest it can be: domains may be decided before.
    """

    def __init__(self, progress: Progress, stage: str, *, total: int, n_domains: int) -> None:
        self._progress = progress
        self._stage = stage
        self._total = total
        self._n_domains = self._n_open = n_domains
        self._done = 0

    def __call__(self, note: str, n: int) -> None:
        """Take note of answers of the checkpoint."""
        self._done += n
        self._progress(self._stage, self._done, self._total, note=note or self._outlook())

    def beside(self, note: str, _: int) -> None:
        """Tell that the base is at work: its answers are none of the checkpoint."""
        self._progress(self._stage, self._done, self._total, note=note or "base")

    def close(self, domain: str, verdict: Verdict | None, *, n_saved: int) -> None:
        """Tell that a domain is asked no further.

        Parameters
        ----------
        n_saved
            Requests that need no answer any more.
        """
        self._n_open -= 1
        self._total -= n_saved
        self(f"{domain} {verdict}" if verdict else "", 0)

    def _outlook(self) -> str:
        return f"{self._n_open} of {self._n_domains} domains open"


@dataclass(slots=True, kw_only=True)
class _Line:
    """One domain of one checkpoint on its way."""

    queue: Queue
    n_asked: int = 0
    """Blocks answered by the checkpoint."""
    verdict: Verdict | None = None

    @property
    def is_open(self) -> bool:
        return self.verdict is None and self.n_asked < len(self.queue.blocks)

    def within(self, n_items: int) -> list[Block]:
        """Return the blocks that begin before so many items."""
        starts = (0, *(block.n_so_far for block in self.queue.blocks))
        return [b for b, start in zip(self.queue.blocks, starts, strict=False) if start < n_items]

    def look(self, *, n_blocks: int, margin: float) -> Look:
        last = self.queue.blocks[n_blocks - 1]
        return Look(
            domain=self.queue.domain,
            n=last.n_so_far,
            of=self.queue.n,
            share=last.high,
            seed=self.queue.seed,
            largest=self.queue.largest,
            margin=margin,
        )


class _Watch:
    """The base, and what is the same for all checkpoints that are compared with it."""

    def __init__(
        self, session: Session, reference: _Reference, *, seed: int, others: Collection[str]
    ) -> None:
        self._session = session
        self._base = reference.base
        self._is_named = reference.is_named
        self._queues = queues(reference.built, seed=seed)
        self._was_whole = {q.domain for q in self._queues if self._base.knows(q.built)}
        self._base_blocks = dict.fromkeys((q.domain for q in self._queues), 0)
        self._policy = Policy(margin=session.options.until_margin or 0.0)
        compared = {each.label for each in session.study.series()} | set(others)
        domains = {task.domain for task in session.study.tasks()}
        # as many claims as a reader of the series can make at most: see `diagnosis.family`
        self._n_claims = len(domains) * len(compared - {self._base.checkpoint.label})

    def evaluate(self, checkpoint: Checkpoint, *, stage: str) -> Summary:
        """Ask a checkpoint until everything is decided or asked, and note how far that was."""
        other = self._session.respondent(checkpoint)
        self._session.note_prompts(checkpoint, other.tokenizer)
        lines = [_Line(queue=queue) for queue in self._queues]
        total = sum(len(each.requests) for queue in self._queues for each in queue.built)
        tell = Tell(self._session.progress, stage, total=total, n_domains=len(lines))
        n_items = _FIRST_STRIDE
        try:
            while any(line.is_open for line in lines):
                self._ask_base(lines, n_items, tell, beside=other)
                self._base.release()
                for line in lines:
                    self._follow(line, other, n_items, tell)
                n_items *= 2
        finally:
            other.release()
        self._note(other, lines)
        notes = (*labelled(checkpoint.label, other.notes), _told(checkpoint.label, lines))
        return Summary(computed=other.computed, kept=other.kept, notes=notes)

    def _ask_base(
        self, lines: Sequence[_Line], n_items: int, tell: Tell, *, beside: Respondent
    ) -> None:
        for line in lines:
            if not line.is_open:
                continue
            blocks = line.within(n_items)
            for block in blocks[self._base_blocks[line.queue.domain] :]:
                parts = line.queue.parts(block)
                if not self._base.knows(parts):
                    beside.release()  # one at a time is in memory
                self._base.ask(parts, tell=tell.beside)
                self._base_blocks[line.queue.domain] += 1

    def _follow(self, line: _Line, other: Respondent, n_items: int, tell: Tell) -> None:
        """Ask a checkpoint what the base was asked, until the domain is decided."""
        if not line.is_open:
            return
        tasks = [each.loaded.task for each in line.queue.built]
        before = self._base.profile(tasks)
        for block in line.within(n_items)[line.n_asked :]:
            other.ask(line.queue.parts(block), tell=tell)
            line.n_asked += 1
            if block.high < 1.0:
                self._decide(line, before, other.profile(tasks))
            if line.verdict is not None or block.high >= 1.0:
                tell.close(line.queue.domain, line.verdict, n_saved=self._n_left(line))
                return

    def _n_left(self, line: _Line) -> int:
        """Return how many requests a decided domain saves."""
        if line.n_asked == len(line.queue.blocks):
            return 0
        rest = Block(low=line.look(n_blocks=line.n_asked, margin=0.0).share, high=1.0, n_so_far=0)
        return sum(len(each.requests) for each in line.queue.parts(rest))

    def _decide(self, line: _Line, before: Profile, after: Profile) -> None:
        look = line.look(n_blocks=line.n_asked, margin=self._policy.margin)
        found = verdict_so_far(
            before, replace(after, looks=(look,)), policy=self._policy, n_claims=self._n_claims
        )
        line.verdict = found if found in _DECIDED else None

    def _note(self, other: Respondent, lines: Sequence[_Line]) -> None:
        """Note how far both were asked before either can be read."""
        margin, study = self._policy.margin, self._session.study
        looks = [line.look(n_blocks=line.n_asked, margin=margin) for line in lines]
        # a base that had answered everything beforehand was stopped by nothing
        of_base = [
            line.look(n_blocks=self._base_blocks[line.queue.domain], margin=margin)
            for line in lines
            if line.queue.domain not in self._was_whole
        ]
        for answerer, new in (self._base, of_base), (other, looks):
            key = {"model": answerer.checkpoint.fingerprint, "engine": answerer.engine}
            study.put_looks(farther(study.looks(**key), new), **key)
            if answerer is not self._base or self._is_named:
                self._session.put(answerer)

    def base_summary(self) -> Summary:
        """Return what the base did for all of them."""
        notes = labelled(self._base.checkpoint.label, self._base.notes)
        return Summary(computed=self._base.computed, kept=self._base.kept, notes=notes)


def _told(label: str, lines: Sequence[_Line]) -> str:
    """Return what was decided after how many items, as a note."""
    asked = sum(line.look(n_blocks=line.n_asked, margin=0.0).n for line in lines)
    total = sum(line.queue.n for line in lines)
    decided = [_told_line(line) for line in lines if line.verdict is not None]
    n_open = len(lines) - len(decided)
    parts = [*decided, *([f"{n_open} asked to the end"] if n_open else [])]
    return f"`{label}`: asked {asked:,} of {total:,} items: {', '.join(parts)}"


def _told_line(line: _Line) -> str:
    look = line.look(n_blocks=line.n_asked, margin=0.0)
    return f"{look.domain} {line.verdict} after {look.n:,} of {look.of:,}"
