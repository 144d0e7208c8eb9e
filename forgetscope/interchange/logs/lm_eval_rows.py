"""One row of lm-eval's samples: a document, what was asked, what was answered, and its scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forgetscope.diagnosis.measured import metric_number
from forgetscope.interchange.logs.judged import Judgement, chosen_place, judged
from forgetscope.interchange.logs.lines import json_lines, reading
from forgetscope.interchange.logs.logged import LoggedItem
from forgetscope.interchange.logs.texts import (
    document_id,
    literal,
    logged_logprob,
    logged_text,
)
from forgetscope.records import Answer, Item, OutputType, Request, RequestKind, Task
from forgetscope.records.identity import Documents, cluster_of, item_id, prompt_hash, request_id
from forgetscope.suites import CatalogEntry, decoding_of

__all__ = ["Rows", "output_type_of"]

_TOKENS_UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one task under its primary filter."""

    path: Path
    task: Task
    entry: CatalogEntry | None
    delimiter: str
    """What stands between a prompt and an option."""
    numbers: Mapping[int, Mapping[str, float]]
    """By document, then by `metric,filter`."""

    def items(self, version: str) -> Iterator[LoggedItem]:
        """Yield the items in the order of the file."""
        documents = Documents()
        for line in json_lines(self.path):
            if str(line.value.get("filter", "none")) != self.task.filter:
                continue
            with reading(self.path, line.number):
                yield self._item(line.value, documents, version)

    def _item(self, row: Mapping[str, Any], documents: Documents, version: str) -> LoggedItem:
        document = row["doc"]
        document = literal(document) if isinstance(document, str) else document
        own_id = item_id(self.task.name, version, documents.digest(document))
        requests = _requests(own_id, row["arguments"])
        answers = tuple(_answers(requests, row))
        choices = self._choices(requests)
        item = Item(
            id=own_id,
            task=self.task.name,
            document_id=document_id(row["doc_id"]),
            prompt=requests[0].context,
            prompt_hash=prompt_hash([request.id for request in requests]),
            gold="",
            choices=choices,
            chance=self._chance(len(choices) or len(requests)),
            cluster=self._cluster(document, own_id),
        )
        golds = _golds(item, answers, row)
        item = _with_gold(item, golds, row.get("target"))
        score = judged(self.task, item, requests, answers, self._judgement(row, golds, requests))
        return LoggedItem(item=item, requests=requests, answers=answers, score=score)

    def _choices(self, requests: Sequence[Request]) -> tuple[str, ...]:
        if self.task.output_type is not OutputType.MULTIPLE_CHOICE:
            return ()
        # `acc_mutual_info` asks each option once more without its prompt, behind all others
        half = len(requests) // 2
        is_doubled = self.task.metric == "acc_mutual_info" and len(requests) == 2 * half
        own = requests[:half] if is_doubled else requests
        if len(own) < 2:
            raise ValueError("a multiple-choice document has fewer than two options")
        if len({request.continuation for request in own}) == 1:
            # the options stand in the prompts, and what follows is the same
            return tuple(request.context for request in own)
        return tuple(request.continuation.removeprefix(self.delimiter) for request in own)

    def _chance(self, n_options: int) -> float:
        is_named = self.entry is not None and self.entry.chance is not None
        if self.task.output_type is OutputType.MULTIPLE_CHOICE and not is_named:
            return 1 / n_options
        return self.task.chance

    def _cluster(self, document: object, own_id: str) -> str:
        field = self.entry.cluster if self.entry else None
        source = document.get(field) if field and isinstance(document, Mapping) else None
        return cluster_of(self.task.name, source, item=own_id)

    def _judgement(
        self, row: Mapping[str, Any], golds: tuple[int, ...], requests: Sequence[Request]
    ) -> Judgement:
        primary = f"{self.task.metric},{self.task.filter}"
        others = dict(self.numbers.get(document_id(row["doc_id"]), {}))
        value = others.pop(primary, math.nan)
        raw, labels = row.get(self.task.metric), None
        if isinstance(raw, list) and self.task.metric in ("mcc", "f1"):
            labels = (float(raw[0]), float(raw[1]))
            value = float(labels[0] == labels[1])
        elif self.task.metric == "perplexity":
            value = -value  # lm-eval logs the log-probability, of which more is better
        return Judgement(
            value=value,
            others={name: number for name, number in others.items() if not math.isnan(number)},
            extracted=_extracted(row.get("filtered_resps")),
            golds=golds,
            n_bytes=_n_bytes(self.task, row, requests),
            labels=labels,
        )


def output_type_of(row: Mapping[str, Any]) -> OutputType:
    """Return how a task questions a model, by the form of one of its rows."""
    arguments = _argument_lists(row["arguments"])
    if isinstance(arguments[0][1] if len(arguments[0]) > 1 else None, Mapping):
        return OutputType.GENERATE
    if len(arguments) > 1:
        return OutputType.MULTIPLE_CHOICE
    return OutputType.LOGLIKELIHOOD if len(arguments[0]) > 1 else OutputType.ROLLING


def _argument_lists(arguments: object) -> list[list[Any]]:
    """Return the arguments of each request; older logs hold lists, newer ones named parts."""
    if isinstance(arguments, str):
        arguments = literal(arguments)
    if isinstance(arguments, Mapping):
        parts = [arguments[f"gen_args_{i}"] for i in range(len(arguments))]
        found = [[part[f"arg_{j}"] for j in range(len(part))] for part in parts]
    elif isinstance(arguments, list | tuple):
        found = [list(part) for part in arguments]
    else:
        raise TypeError(f"the arguments are {type(arguments).__name__}, no list")
    if not found or not all(found):
        raise ValueError("a document makes no request")
    return found


def _requests(own_id: str, arguments: object) -> tuple[Request, ...]:
    return tuple(
        _request(own_id, index, given) for index, given in enumerate(_argument_lists(arguments))
    )


def _request(own_id: str, index: int, given: Sequence[Any]) -> Request:
    context, second = str(given[0]), given[1] if len(given) > 1 else None
    if isinstance(second, str) and second.lstrip().startswith("{"):
        read = literal(second)
        second = read if isinstance(read, Mapping) and "until" in read else second
    kind, continuation, decoding = RequestKind.ROLLING, "", None
    if isinstance(second, Mapping):
        kind, decoding = RequestKind.GENERATE, decoding_of(second)
    elif second is not None:
        kind, continuation = RequestKind.LOGLIKELIHOOD, str(second)
    return Request(
        id=request_id(
            own_id, index, kind, context=context, continuation=continuation, decoding=decoding
        ),
        item_id=own_id,
        index=index,
        kind=kind,
        context=context,
        continuation=continuation,
        decoding=decoding,
    )


def _answers(requests: Sequence[Request], row: Mapping[str, Any]) -> Iterator[Answer]:
    given = row.get("resps") or row["filtered_resps"]
    if isinstance(given, str):
        given = literal(given)
    for request, response in zip(requests, given, strict=True):
        if request.kind is RequestKind.GENERATE:
            text = logged_text(response)
            yield Answer(request_id=request.id, text=text, n_tokens=_TOKENS_UNKNOWN)
            continue
        found = logged_logprob(response)
        yield Answer(
            request_id=request.id,
            logprob=found.logprob,
            is_greedy=found.is_greedy,
            n_tokens=_TOKENS_UNKNOWN,
        )


def _extracted(filtered: object) -> str | None:
    if not isinstance(filtered, list) or not filtered:
        return None
    first = filtered[0]
    return first if isinstance(first, str) else repr(first)


def _n_bytes(task: Task, row: Mapping[str, Any], requests: Sequence[Request]) -> int | None:
    if task.output_type is OutputType.LOGLIKELIHOOD:
        return len(requests[0].continuation.encode(errors="replace"))
    if task.output_type is not OutputType.ROLLING:
        return None
    pair = row.get("bits_per_byte")
    return (
        int(pair[1])
        if isinstance(pair, list) and len(pair) == 2
        else len(requests[0].context.encode(errors="replace"))
    )


def _golds(item: Item, given: Sequence[Answer], row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the places of the right options, where the log tells them without doubt.

    The target may be a place or an option's text, and for some tasks it is neither; whether the
    logged accuracy agrees with the options' log-probabilities decides.
    """
    metric = next((m for m in ("acc", "acc_norm") if metric_number(m, row.get(m)) is not None), "")
    chosen = chosen_place(metric, item, given) if metric else None
    if chosen is None:
        return ()
    is_right = row[metric] == 1
    fitting = [
        places
        for places in _named_places(row.get("target"), item.choices)
        if (chosen in places) == is_right
    ]
    if fitting:
        return fitting[0] if len(set(fitting)) == 1 else ()
    if is_right:
        return (chosen,)
    return (1 - chosen,) if len(item.choices) == 2 else ()


def _named_places(target: object, choices: Sequence[str]) -> list[tuple[int, ...]]:
    """Return what a target may mean: the places that it names, by number or by text."""
    read = literal(target) if isinstance(target, str) else target
    parts = list(read) if isinstance(read, list | tuple) else [read]
    found = []
    numbers = {part for part in parts if type(part) is int and 0 <= part < len(choices)}
    if parts and len(numbers) == len(parts):
        found.append(tuple(sorted(numbers)))
    texts = [target] if isinstance(target, str) and target in choices else parts
    named = {choices.index(text) for text in texts if isinstance(text, str) and text in choices}
    if texts and len(named) == len(texts):
        found.append(tuple(sorted(named)))
    return found


def _with_gold(item: Item, golds: Sequence[int], target: object) -> Item:
    if item.choices:
        gold = " | ".join(item.choices[place] for place in golds)
    else:
        read = literal(target) if isinstance(target, str) and target[:1] == "[" else target
        parts = read if isinstance(read, list | tuple) else [target]
        gold = " | ".join("" if part is None else str(part) for part in parts)
    return replace(item, gold=gold)
