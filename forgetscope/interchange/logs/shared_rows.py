"""One sample of Every Eval Ever: what was asked, what was answered, and its score."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.interchange.logs.judged import Judgement, judged
from forgetscope.interchange.logs.lines import json_lines, reading
from forgetscope.interchange.logs.logged import LoggedItem
from forgetscope.interchange.logs.names import harmless
from forgetscope.interchange.logs.texts import document_id, mapping
from forgetscope.records import (
    Aggregate,
    Answer,
    Item,
    OutputType,
    Request,
    RequestKind,
    StopReason,
    Task,
)
from forgetscope.records.identity import digest, item_id, request_id

__all__ = ["SharedRows", "key_of"]


def key_of(row: Mapping[str, Any]) -> str:
    """Return what names the result that a sample belongs to."""
    return str(row.get("evaluation_result_id") or row["evaluation_name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRows:
    """The samples of one result; what forgetscope adds to them lies in their `metadata`."""

    path: Path
    task: Task
    key: str
    others: Mapping[str, Mapping[tuple[str, int], float]]
    """Scores of other results of the task: by `metric,filter`, then by sample and place."""

    def items(self, version: str) -> Iterator[LoggedItem]:
        """Yield the items in the order of the file."""
        n_seen: dict[str, int] = defaultdict(int)
        order: dict[str, int] = {}
        for line in json_lines(self.path):
            if key_of(line.value) != self.key:
                continue
            with reading(self.path, line.number):
                sample = str(line.value["sample_id"])
                place = order.setdefault(sample, len(order))
                yield self._item(line.value, version, place=place, index=n_seen[sample])
                n_seen[sample] += 1

    def _item(self, row: Mapping[str, Any], version: str, *, place: int, index: int) -> LoggedItem:
        given, extra = mapping(row["input"]), mapping(row.get("metadata"))
        own_id = str(extra.get("item_id") or item_id(self.task.name, version, row["sample_id"]))
        is_choice = self.task.output_type is OutputType.MULTIPLE_CHOICE
        choices = tuple(str(choice) for choice in given.get("choices") or ())
        prompt = str(given.get("formatted") or given["raw"])
        item = Item(
            id=own_id,
            task=self.task.name,
            document_id=document_id(extra["document_id"]) if "document_id" in extra else place,
            prompt=prompt,
            prompt_hash=str(extra.get("prompt_hash") or digest(prompt)),
            gold=" | ".join(str(text) for text in given["reference"]),
            choices=choices if is_choice else (),
            chance=_number(extra, "chance", self._chance(len(choices))),
            cluster=str(extra.get("cluster") or own_id),
        )
        requests = tuple(_requests(item, extra, self.task))
        answers = tuple(_answers(requests, row, extra, index))
        judgement = self._judgement(row, extra, item, index)
        score = judged(self.task, item, requests, answers, judgement)
        return LoggedItem(item=item, requests=requests, answers=answers, score=score)

    def _chance(self, n_choices: int) -> float:
        if math.isnan(self.task.chance) and n_choices:
            return 1 / n_choices
        return self.task.chance

    def _judgement(
        self, row: Mapping[str, Any], extra: Mapping[str, Any], item: Item, index: int
    ) -> Judgement:
        sample, texts = (str(row["sample_id"]), index), item.gold.split(" | ")
        stated = json.loads(extra["gold_places"]) if "gold_places" in extra else None
        golds = [item.choices.index(text) for text in texts if text in item.choices]
        attributed = row["answer_attribution"]
        tokens = extra.get("n_tokens", mapping(row.get("token_usage")).get("output_tokens"))
        labels = json.loads(extra["labels"]) if "labels" in extra else None
        is_unscored = extra.get("is_unscored") == "true"
        is_labelled = labels is not None and self.task.aggregate is not Aggregate.MEAN
        value = float(mapping(row["evaluation"])["score"])
        error = row.get("error")
        return Judgement(
            value=math.nan if is_unscored else value,
            others=_others(extra)
            | {name: numbers[sample] for name, numbers in self.others.items() if sample in numbers},
            extracted=str(mapping(attributed[0])["extracted_value"]) if attributed else None,
            golds=tuple(golds if stated is None else stated),
            n_bytes=int(extra["gold_bytes"]) if "gold_bytes" in extra else None,
            labels=(float(labels[0]), float(labels[1])) if is_labelled and labels else None,
            n_tokens=int(tokens) if tokens is not None else None,
            sample_index=index,
            error=None if error is None else str(error),
        )


def _requests(item: Item, extra: Mapping[str, Any], task: Task) -> Iterator[Request]:
    """Yield what was asked as far as it is told: each option, or the whole."""
    ids = json.loads(extra["requests"]) if "requests" in extra else []
    kind = {
        OutputType.GENERATE: RequestKind.GENERATE,
        OutputType.ROLLING: RequestKind.ROLLING,
    }.get(task.output_type, RequestKind.LOGLIKELIHOOD)
    texts = list(item.choices) or [""]
    # `acc_mutual_info` asks each option once more, behind all others
    texts = (texts * len(ids))[: len(ids)] if len(ids) > len(texts) else texts
    for index, text in enumerate(texts):
        own = request_id(item.id, index, kind, context=item.prompt, continuation=str(text))
        yield Request(
            id=str(ids[index]) if index < len(ids) else own,
            item_id=item.id,
            index=index,
            kind=kind,
            context=item.prompt,
            continuation=str(text),
        )


def _answers(
    requests: tuple[Request, ...], row: Mapping[str, Any], extra: Mapping[str, Any], index: int
) -> Iterator[Answer]:
    if "logprobs" in extra:
        for request, logprob in zip(requests, json.loads(extra["logprobs"]), strict=True):
            yield Answer(
                request_id=request.id,
                sample_index=index,
                logprob=-math.inf if logprob is None else float(logprob),
                n_tokens=-1,
            )
        return
    if requests[0].kind is not RequestKind.GENERATE:
        return
    stop = extra.get("stop_reason")
    raw = mapping(row.get("output")).get("raw") or [""]
    yield Answer(
        request_id=requests[0].id,
        sample_index=index,
        text=str(raw[0]),
        n_tokens=int(mapping(row.get("token_usage")).get("output_tokens", -1)),
        stop_reason=StopReason(stop) if stop else None,
    )


def _others(extra: Mapping[str, Any]) -> dict[str, float]:
    read = json.loads(extra["others"]) if "others" in extra else {}
    return {harmless(str(name)): float(value) for name, value in mapping(read).items()}


def _number(extra: Mapping[str, Any], key: str, default: float) -> float:
    return float(extra[key]) if key in extra else default
