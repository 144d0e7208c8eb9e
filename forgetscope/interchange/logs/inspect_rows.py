"""One sample of inspect_ai: what was asked, what was answered, and its scores."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forgetscope.interchange.logs import inspect_door
from forgetscope.interchange.logs.judged import Judgement, judged
from forgetscope.interchange.logs.lines import reading
from forgetscope.interchange.logs.logged import LoggedItem
from forgetscope.interchange.logs.texts import mapping
from forgetscope.records import Answer, Item, Request, RequestKind, StopReason, Task
from forgetscope.records.identity import item_id, prompt_hash, request_id

__all__ = ["Samples", "score_number"]

_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""What inspect_ai's scorers write: correct, partial, incorrect, no answer."""
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
_STOPS = {"stop": StopReason.STOP, "max_tokens": StopReason.LENGTH}
_OWN_ROLES = ("assistant", "tool")


def score_number(value: object) -> float | None:
    """Return a score's number; `None` where it is none.

    >>> score_number("C"), score_number(True), score_number({"a": 1})
    (1.0, 1.0, None)
    """
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if value in _LETTERS:
        return _LETTERS[value]
    if value.lower() in _WORDS:
        return _WORDS[value.lower()]
    try:
        return float(value)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The samples of one log."""

    path: Path
    task: Task

    def items(self, version: str) -> Iterator[LoggedItem]:
        """Yield the items in the order of the log; an epoch is a further sample of an item."""
        places: dict[str, int] = {}
        for number, sample in enumerate(inspect_door.read_samples(self.path), start=1):
            with reading(self.path, number):
                fields = mapping(inspect_door.plain(sample))
                place = places.setdefault(str(fields["id"]), len(places))
                yield self._item(fields, version, place)

    def _item(self, sample: Mapping[str, Any], version: str, place: int) -> LoggedItem:
        own_id = item_id(self.task.name, version, str(sample["id"]))
        prompt = _prompt(sample)
        asked = request_id(own_id, 0, RequestKind.GENERATE, context=prompt)
        choices = sample.get("choices") or []
        target = sample.get("target")
        golds = target if isinstance(target, list) else [target]
        item = Item(
            id=own_id,
            task=self.task.name,
            document_id=place,
            prompt=prompt,
            prompt_hash=prompt_hash([asked]),
            gold=" | ".join(str(gold) for gold in golds if gold is not None),
            # the model is shown them and writes one, so they are no options to be scored
            choices=(),
            chance=1 / len(choices) if choices else self.task.chance,
            cluster=own_id,
        )
        request = Request(
            id=asked, item_id=own_id, index=0, kind=RequestKind.GENERATE, context=prompt
        )
        judgement = self._judgement(sample)
        answer = _answer(sample, asked, judgement)
        score = judged(self.task, item, [request], [answer], judgement)
        if answer.error is not None:
            score = replace(score, value=0.0)  # as an answer that failed counts everywhere
        return LoggedItem(item=item, requests=(request,), answers=(answer,), score=score)

    def _judgement(self, sample: Mapping[str, Any]) -> Judgement:
        scores = mapping(sample.get("scores"))
        own = mapping(scores.get(self.task.metric))
        value = score_number(own.get("value"))
        usage = mapping(mapping(sample.get("output")).get("usage"))
        tokens = usage.get("output_tokens")
        error = mapping(sample.get("error")).get("message")
        extracted = own.get("answer")
        others = {
            f"{name},none": number
            for name, score in scores.items()
            if name != self.task.metric
            and (number := score_number(mapping(score).get("value"))) is not None
        }
        return Judgement(
            value=math.nan if value is None else value,
            others=others,
            extracted=None if extracted is None else str(extracted),
            n_tokens=tokens if isinstance(tokens, int) else None,
            sample_index=int(sample.get("epoch") or 1) - 1,
            error=None if error is None else str(error),
        )


def _answer(sample: Mapping[str, Any], asked: str, judgement: Judgement) -> Answer:
    output = mapping(sample.get("output"))
    n_tokens = -1 if judgement.n_tokens is None else judgement.n_tokens
    if judgement.error is not None:
        return Answer(
            request_id=asked,
            sample_index=judgement.sample_index,
            n_tokens=n_tokens,
            error=judgement.error,
        )
    choices = output.get("choices") or [{}]
    return Answer(
        request_id=asked,
        sample_index=judgement.sample_index,
        text=str(output.get("completion") or ""),
        n_tokens=n_tokens,
        stop_reason=_STOPS.get(str(mapping(choices[0]).get("stop_reason"))),
    )


def _prompt(sample: Mapping[str, Any]) -> str:
    """Return what the model was shown before it first answered."""
    shown = []
    for message in sample.get("messages") or ():
        fields = mapping(message)
        if fields.get("role") in _OWN_ROLES and fields.get("source") != "input":
            break
        shown.append(f"[{fields.get('role')}] {_content(fields.get('content'))}")
    if shown:
        return "\n".join(shown)
    given = sample.get("input")
    return given if isinstance(given, str) else json.dumps(given, default=str)


def _content(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    # identifiers are drawn anew in each run
    texts = [mapping(part).get("text") for part in parts]
    return "\n".join(str(text) for text in texts if text is not None) or json.dumps(
        [{k: v for k, v in mapping(part).items() if k != "id"} for part in parts], default=str
    )
