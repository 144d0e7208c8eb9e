"""One row of lighteval's details: a document, what was answered, and its scores."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forgetscope.diagnosis.measured import metric_number
from forgetscope.errors import LogError
from forgetscope.interchange.logs.judged import Judgement, judged
from forgetscope.interchange.logs.lines import reading
from forgetscope.interchange.logs.logged import LoggedItem
from forgetscope.interchange.logs.texts import document_id, mapping
from forgetscope.records import Answer, Item, OutputType, Request, RequestKind, Task
from forgetscope.records.identity import item_id, prompt_hash, request_id

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["Details", "details_rows", "scores_of"]

_BATCH = 256  # rows in memory at one time: each may hold many tokens
_COLUMNS = {"doc", "model_response"}
_TOKENS_UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The rows of one task."""

    path: Path
    task: Task

    def items(self, version: str) -> Iterator[LoggedItem]:
        """Yield the items in the order of the file."""
        for number, row in enumerate(details_rows(self.path), start=1):
            with reading(self.path, number):
                yield self._item(row, version, number)

    def _item(self, row: Mapping[str, Any], version: str, number: int) -> LoggedItem:
        doc, response = row["doc"], row["model_response"]
        name = doc.get("id")
        own_id = item_id(self.task.name, version, str(name if name not in (None, "") else number))
        choices = tuple(str(choice) for choice in doc["choices"])
        is_choice = self.task.output_type is OutputType.MULTIPLE_CHOICE
        golds = _golds(doc)
        asked = _asked(doc, response)
        requests = tuple(_requests(own_id, asked, choices if is_choice else None))
        answers = tuple(_answers(requests, response))
        item = Item(
            id=own_id,
            task=self.task.name,
            document_id=document_id(name) if str(name or "").isdecimal() else number - 1,
            prompt=_prompt(doc, response),
            prompt_hash=prompt_hash([request.id for request in requests]),
            gold=" | ".join(choices[place] for place in golds if 0 <= place < len(choices)),
            choices=choices if is_choice else (),
            chance=1 / len(choices) if is_choice else self.task.chance,
            cluster=own_id,
        )
        score = judged(self.task, item, requests, answers, self._judgement(row, golds))
        return LoggedItem(item=item, requests=requests, answers=answers, score=score)

    def _judgement(self, row: Mapping[str, Any], golds: tuple[int, ...]) -> Judgement:
        numbers = {name: metric_number(name, value) for name, value in scores_of(row).items()}
        value = numbers.pop(self.task.metric, None)
        response = row["model_response"]
        processed = response.get("text_post_processed") or response.get("text") or []
        tokens = response.get("output_tokens") or []
        return Judgement(
            value=math.nan if value is None else value,
            others={f"{name},none": n for name, n in numbers.items() if n is not None},
            extracted=str(processed[0]) if processed else None,
            golds=golds,
            n_tokens=len(tokens[0]) if tokens and isinstance(tokens[0], list) else None,
        )


def _asked(doc: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    """Return all that tells one prompt from another: its text where it is logged, else its tokens.

    The text of the document stands for neither: it lacks the chat template.
    """
    if response.get("input") is not None:
        return json.dumps(response["input"], default=str)
    shots = [[s.get("query"), s.get("choices"), s.get("gold_index")] for s in _shots(doc)]
    return json.dumps(
        [doc.get("instruction"), shots, doc.get("query"), response.get("input_tokens")], default=str
    )


def _requests(own_id: str, asked: str, choices: Sequence[str] | None) -> Iterator[Request]:
    kind = RequestKind.GENERATE if choices is None else RequestKind.LOGLIKELIHOOD
    for index, choice in enumerate([""] if choices is None else choices):
        yield Request(
            id=request_id(own_id, index, kind, context=asked, continuation=choice),
            item_id=own_id,
            index=index,
            kind=kind,
            context=asked,
            continuation=choice,
        )


def _answers(requests: Sequence[Request], response: Mapping[str, Any]) -> Iterator[Answer]:
    tokens = response.get("output_tokens") or []
    if requests[0].kind is RequestKind.GENERATE:
        texts = response.get("text") or [""]
        n_tokens = len(tokens[0]) if tokens else _TOKENS_UNKNOWN
        yield Answer(request_id=requests[0].id, text=str(texts[0]), n_tokens=n_tokens)
        return
    greedy = response.get("argmax_logits_eq_gold") or [None] * len(requests)
    for request, logprob, is_greedy in zip(requests, response["logprobs"], greedy, strict=True):
        is_known = isinstance(is_greedy, bool)
        yield Answer(
            request_id=request.id,
            logprob=float(logprob),
            is_greedy=is_greedy if is_known else None,
            n_tokens=_TOKENS_UNKNOWN,
        )


def _prompt(doc: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    given = response.get("input")
    if isinstance(given, str):
        return given
    shots = [f"{s.get('query')}{_gold_text(s)}" for s in _shots(doc)]
    return "\n\n".join([*shots, str(doc.get("query") or "")])


def _gold_text(shot: Mapping[str, Any]) -> str:
    choices = shot.get("choices") or []
    return "".join(str(choices[place]) for place in _golds(shot)[:1] if 0 <= place < len(choices))


def _shots(doc: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [mapping(shot) for shot in doc.get("fewshot_samples") or ()]


def _golds(doc: Mapping[str, Any]) -> tuple[int, ...]:
    gold = doc.get("gold_index")
    places = gold if isinstance(gold, list) else [gold]
    return tuple(place for place in places if isinstance(place, int))


def scores_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metrics of a row."""
    return mapping(row.get("metric") or row.get("metrics"))


def details_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, some in memory at a time."""
    with _opened(path) as file:
        missing = _COLUMNS - set(file.schema_arrow.names)
        if missing:
            raise LogError(
                f"`{path}` has no column {' and '.join(f'`{c}`' for c in sorted(missing))}: it is "
                "no file of details as lighteval 0.13 writes them",
                hint="evaluate again with a newer lighteval, or leave the file out",
            )
        for batch in _batches(path, file):
            yield from batch.to_pylist()


def _batches(path: Path, file: pq.ParquetFile) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from file.iter_batches(batch_size=_BATCH)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> LogError:
    return LogError(
        f"`{path}` is no parquet file, or is cut off: {str(error).splitlines()[0][:160]}",
        hint="nothing of it was stored; copy the file again as a whole",
    )
