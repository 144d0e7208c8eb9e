"""The outlook: what a call has asked, and what it will still ask, over all its checkpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from forgetscope.evaluation.passes import Pass
from forgetscope.records import Answer, Effort, Request, RequestKind, Standing

__all__ = ["Outlook"]

_OF_A_TOKEN = 0.1
"""What reading a character of a prompt costs, counted in generated tokens."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One open request."""

    task: int
    """Place of its task in the pass."""
    item: str
    effort: Effort


class Outlook:
    """Counts efforts; later checkpoints are expected to be asked all that this one is.

    Parameters
    ----------
    of
        How many checkpoints the call evaluates.
    """

    def __init__(self, *, of: int) -> None:
        self._of = of
        self._number = 0
        self._checkpoint = ""
        self._tokens = 0
        self._done = Effort()
        self._left = Effort()
        self._each = Effort()
        self._pass: _Pass | None = None

    def begin(
        self, checkpoint: str, passes: Sequence[Pass], open_P: Sequence[Collection[str]]
    ) -> None:
        """Begin the next checkpoint; `open_P` has the ids that each pass has still to ask."""
        self._number += 1
        self._checkpoint = checkpoint
        self._pass = None
        # only the base is asked again, so a rerun says nothing of later checkpoints
        self._each = _sum(r for each in passes if not each.is_rerun for r in each.requests)
        self._left = _sum(
            request
            for each, open_ids in zip(passes, open_P, strict=True)
            for request in each.requests
            if request.id in open_ids
        )

    def begin_pass(self, each: Pass, open_ids: Collection[str]) -> None:
        """Begin a round of questions to the checkpoint."""
        self._pass = _Pass(each, open_ids)

    def note(self, answers: Sequence[Answer]) -> Standing:
        """Count answers and return where the evaluation stands."""
        seen = self._pass
        place = 0
        is_writing = False
        for answer in answers:
            asked = seen.take(answer.request_id) if seen else None
            if asked is None:
                continue
            place = asked.task
            is_writing = asked.effort.written > 0
            self._tokens += answer.n_tokens
            self._done = self._done.plus(asked.effort)
            self._left = self._left.plus(asked.effort, times=-1)
        return self._standing(place, is_writing=is_writing)

    def standing(self) -> Standing:
        """Return where the evaluation stands between answers."""
        return self._standing(0, is_writing=False, has_task=False)

    def _standing(self, place: int, *, is_writing: bool, has_task: bool = True) -> Standing:
        seen = self._pass if has_task else None
        return Standing(
            checkpoint=self._checkpoint,
            number=self._number,
            of=self._of,
            task=seen.names[place] if seen else "",
            task_number=place + 1 if seen else 0,
            tasks=len(seen.names) if seen else 0,
            items=seen.finished(place) if seen else 0,
            items_total=seen.totals[place] if seen else 0,
            is_writing=is_writing,
            tokens=self._tokens,
            done=self._done,
            left=self._left.plus(self._each, times=self._of - self._number),
        )


class _Pass:
    """What is open of one pass, by request and by item."""

    def __init__(self, each: Pass, open_ids: Collection[str]) -> None:
        self.names = [built.loaded.task.name for built in each.built]
        self.totals = [len(built.items) for built in each.built]
        self._asked = {
            request.id: _Asked(place, request.item_id, _effort(request))
            for place, built in enumerate(each.built)
            for request in built.requests
            if request.id in open_ids
        }
        self._open_by_item = Counter(asked.item for asked in self._asked.values())
        self._open_items = Counter(
            place for item, place in {(a.item, a.task) for a in self._asked.values()} if item
        )

    def take(self, request_id: str) -> _Asked | None:
        """Return an open request and count it as answered; `None` if it is none."""
        asked = self._asked.pop(request_id, None)
        if asked is not None:
            self._open_by_item[asked.item] -= 1
            if not self._open_by_item[asked.item]:
                self._open_items[asked.task] -= 1
        return asked

    def finished(self, place: int) -> int:
        """Return how many items of a task have all their answers."""
        return self.totals[place] - self._open_items[place]


def _sum(requests: Iterable[Request]) -> Effort:
    efforts = [_effort(request) for request in requests]
    return Effort(scored=sum(e.scored for e in efforts), written=sum(e.written for e in efforts))


def _effort(request: Request) -> Effort:
    read = len(request.context) + len(request.continuation)
    if request.kind is not RequestKind.GENERATE or request.decoding is None:
        return Effort(scored=read)
    return Effort(written=request.decoding.max_new_tokens + _OF_A_TOKEN * read)
