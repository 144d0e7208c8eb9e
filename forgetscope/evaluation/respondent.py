"""A respondent: a checkpoint that is asked part by part, its weights in memory from first need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forgetscope.evaluation.batches import in_batches
from forgetscope.evaluation.harness import Built
from forgetscope.evaluation.scored import keep_scores
from forgetscope.records import Checkpoint, Column, Profile, Request, Task
from forgetscope.scoring import Engine, EngineConfig, Tokenizer
from forgetscope.store import Answers

__all__ = ["Respondent"]


class Respondent:
    """One checkpoint of one call.

    Parameters
    ----------
    checkpoint
        What answers.
    tokenizer
        Its tokenizer.
    engine
        Fingerprint of what runs it.
    config
        How it is run.
    held
        What it has answered, to be added to.
    open_engine
        Makes it ready to answer.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        *,
        engine: str,
        config: EngineConfig,
        held: Answers,
        open_engine: Callable[[Checkpoint, Tokenizer, EngineConfig], Engine],
    ) -> None:
        self.checkpoint = checkpoint
        self.tokenizer = tokenizer
        self.engine = engine
        self.computed = 0
        """Requests answered now."""
        self.kept = 0
        """Requests that had answers already."""
        self._config = config
        self._held = held
        self._open_engine = open_engine
        self._answered = held.answered()
        self._scored = held.scored()
        self._opened: Engine | None = None
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the engine has to say of itself."""
        self._keep_notes()
        return tuple(self._notes)

    def knows(self, built: Sequence[Built]) -> bool:
        """Whether it has answered all of this."""
        return all(request.id in self._answered for each in built for request in each.requests)

    def ask(self, built: Sequence[Built], *, tell: Callable[[str, int], None]) -> None:
        """Have some items answered and scored; what is known already is not asked again.

        Parameters
        ----------
        built
            The items; batches are formed among them alone.
        tell
            Is told a note and how many requests were answered since it was last told.
        """
        requests = tuple(request for each in built for request in each.requests)
        n_open = sum(request.id not in self._answered for request in requests)
        if n_open:
            self._answer(requests, tell)
        self.computed += n_open
        self.kept += len(requests) - n_open
        tell("", len(requests) - n_open)
        keep_scores(built, self._held, scored=set() if n_open else self._scored)
        self._scored |= {item.id for each in built for item in each.items}

    def release(self) -> None:
        """Free the memory of the weights; they are loaded again when they are needed."""
        self._keep_notes()
        self._opened = None

    def profile(self, tasks: Sequence[Task]) -> Profile:
        """Return what it scored so far on some tasks."""
        columns: list[Column] = [self._held.column(task) for task in tasks]
        return Profile(
            label=self.checkpoint.label,
            columns=tuple(column for column in columns if column.item_ids),
        )

    def _answer(self, requests: tuple[Request, ...], tell: Callable[[str, int], None]) -> None:
        if self._opened is None:
            tell("loading", 0)
            self._opened = self._open_engine(self.checkpoint, self.tokenizer, self._config)
        answered = frozenset(self._answered)
        # the answered ones go in too: batches are then the same after an interruption
        coming = self._opened.answer(requests, answered=answered, sample_index=0)
        for answers in in_batches(coming):
            self._held.append(answers)
            new = [a.request_id for a in answers if a.error is None]
            self._answered.update(new)
            tell("", sum(answer.request_id not in answered for answer in answers))

    def _keep_notes(self) -> None:
        if self._opened is not None:
            self._notes |= dict.fromkeys(self._opened.notes)
