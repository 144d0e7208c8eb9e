"""The probes of one task: what is asked again, and how the answers are judged.

Judging is the task's own: the same documents, filters and metric; only the words differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from forgetscope.evaluation.chat import past_thought
from forgetscope.evaluation.elicitation import (
    Drawn,
    continued,
    draw_examples,
    shared_prefix,
    with_examples,
)
from forgetscope.evaluation.harness import (
    Built,
    answer_delimiter,
    example_of,
    question_of,
)
from forgetscope.records import (
    Answer,
    Item,
    OutputType,
    ProbeKind,
    ProbeResult,
    Request,
    Score,
)
from forgetscope.store import ProbeAnswer

__all__ = ["Probe", "TaskProbes", "can_be_probed", "oriented"]

N_EXAMPLES = 3
"""Examples before a question; fewer where the base was right on fewer sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One item, asked again in one way."""

    item: Item
    kind: ProbeKind
    requests: tuple[Request, ...]
    prefix: str = ""
    """Words that the answer was begun with."""

    @property
    def key(self) -> tuple[str, ProbeKind]:
        """What tells it from all other probes of a checkpoint."""
        return self.item.id, self.kind

    @property
    def prompt(self) -> str:
        """What is asked; of several options, in the words of the first."""
        return self.requests[0].context


def can_be_probed(built: Built) -> bool:
    """Whether items of a task can be lost and come back: they are right or wrong, and all text."""
    task = built.loaded.task
    if any(request.images for request in built.requests):
        return False
    return task.is_bounded and task.output_type is not OutputType.ROLLING


def oriented(built: Built, value: float) -> float:
    """Return a bounded score with better upwards."""
    return value if built.loaded.task.higher_is_better else 1.0 - value


class TaskProbes:
    """Makes the probes of one task from what the base got right.

    Parameters
    ----------
    built
        The task as every checkpoint was asked it.
    base
        Scores of the base by item id.
    seed
        Of the choice of examples.
    is_chat
        Whether a chat template was applied, whose end needs nothing between it and the answer.
    """

    def __init__(
        self, built: Built, base: Mapping[str, Score], *, seed: int, is_chat: bool
    ) -> None:
        self._built = built
        self._seed = seed
        self._is_chat = is_chat
        self._requests: dict[str, tuple[Request, ...]] = {}
        for request in built.requests:
            known = self._requests.get(request.item_id, ())
            self._requests[request.item_id] = (*known, request)
        self._right = self._examples(base)
        written = [(base[id_].answer, base[id_].extracted) for id_ in self._right]
        self.prefix = shared_prefix(written) if self._is_generated else None

    @property
    def _is_generated(self) -> bool:
        return self._built.loaded.task.output_type is OutputType.GENERATE

    def _examples(self, base: Mapping[str, Score]) -> dict[str, tuple[Item, str]]:
        """Return items with right answers to show, by item id."""
        right = [item for item in self._built.items if self._is_right(base.get(item.id))]
        finished = [item for item in right if not base[item.id].is_truncated]
        # some tasks cut every answer off, e.g. behind the letter that is asked for
        shown = finished if len(finished) > N_EXAMPLES else right
        return {item.id: (item, base[item.id].answer) for item in shown}

    def _is_right(self, score: Score | None) -> bool:
        if score is None or score.error is not None or not score.answer.strip():
            return False
        return oriented(self._built, score.value) == 1.0

    def probes(self, drawn: Drawn) -> tuple[Probe, ...]:
        """Return the probes of the items that were drawn; none of a kind that is not possible."""
        items = (*drawn.lost, *drawn.control, *drawn.kept)
        made = [self._with_examples(item) for item in items]
        if self.prefix is not None:
            made += [self._with_prefix(item, self.prefix) for item in items]
        return tuple(probe for probe in made if probe is not None)

    def _with_examples(self, item: Item) -> Probe | None:
        candidates = (each for each, _ in self._right.values())
        chosen = draw_examples(item, candidates, k=N_EXAMPLES, seed=self._seed)
        blocks = [
            example_of(self._built, each, self._requests[each.id], answer=self._right[each.id][1])
            for each in chosen
        ]
        if not blocks:
            return None
        requests = tuple(
            self._asked(request, ProbeKind.EXAMPLES, self._shown(item, request, blocks))
            for request in self._requests[item.id]
        )
        return Probe(item=item, kind=ProbeKind.EXAMPLES, requests=requests)

    def _shown(self, item: Item, request: Request, blocks: Sequence[str]) -> str:
        if request.index >= len(item.choices) > 0:
            return request.context  # options without their prompt, by which its help is measured
        question = question_of(self._built, item, index=request.index)
        return with_examples(request.context, question=question, blocks=blocks)

    def _with_prefix(self, item: Item, prefix: str) -> Probe:
        requests = tuple(
            self._asked(asked, ProbeKind.PREFIX, self._opened(asked, prefix))
            for asked in map(past_thought, self._requests[item.id])
        )
        return Probe(item=item, kind=ProbeKind.PREFIX, requests=requests, prefix=prefix)

    def _opened(self, request: Request, prefix: str) -> str:
        is_apart = self._is_chat or request.context[-1:].isspace()
        between = "" if is_apart else answer_delimiter(self._built)
        return request.context + between + prefix.rstrip()

    def _asked(self, request: Request, kind: ProbeKind, context: str) -> Request:
        parts = (request.id, kind.value, context)
        digest = hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace"))
        return replace(request, id=digest.hexdigest()[:32], context=context)

    def judged(
        self, probes: Sequence[Probe], answers: Mapping[str, Answer]
    ) -> tuple[ProbeAnswer, ...]:
        """Judge probes of one kind that are answered; one whose answer failed is left out."""
        # imported late: it loads lm-eval
        from forgetscope.evaluation.harness import judge

        given = {
            request.id: _begun(answers[request.id], probe.prefix)
            for probe in probes
            for request in probe.requests
        }
        part = replace(
            self._built,
            items=tuple(probe.item for probe in probes),
            requests=tuple(request for probe in probes for request in probe.requests),
        )
        scores = {score.item_id: score for score in judge(part, given)}
        return tuple(
            _kept(self._built, probe, scores[probe.item.id])
            for probe in probes
            if all(given[request.id].error is None for request in probe.requests)
        )


def _begun(answer: Answer, prefix: str) -> Answer:
    if answer.text is None or not prefix:
        return answer
    return replace(answer, text=continued(prefix, answer.text))


def _kept(built: Built, probe: Probe, score: Score) -> ProbeAnswer:
    result = ProbeResult(item_id=probe.item.id, kind=probe.kind, value=oriented(built, score.value))
    return ProbeAnswer(result=result, prompt=probe.prompt, text=score.answer)
