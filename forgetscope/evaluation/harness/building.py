"""Build the items and requests of a task, exactly as lm-eval would ask them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

import lm_eval.api.task
import lm_eval.utils
from lm_eval.api.instance import Instance

from forgetscope.errors import DataError, ForgetscopeError, UnknownNameError
from forgetscope.evaluation.harness.built import Built, LoadedTask
from forgetscope.evaluation.harness.pictures import (
    chat_with_pictures,
    digest_of_picture,
    pictures_of,
    told,
)
from forgetscope.evaluation.harness.telling import first_line
from forgetscope.records import Item, OutputType, Request, RequestKind, Task, ThinkTags, Thoughts
from forgetscope.records.identity import Documents, cluster_of, item_id, prompt_hash, request_id
from forgetscope.scoring import begins_thought
from forgetscope.statistics import nested_order, proportional_order
from forgetscope.suites import decoding_of

__all__ = ["build", "item_ids", "n_documents", "quick_and_quiet"]


def build(
    loaded: LoadedTask,
    *,
    seed: int,
    limit: int | None = None,
    render_chat: Callable[..., str] | None = None,
    system: str | None = None,
    tags: Sequence[ThinkTags] = (),
) -> Built:
    """Build one task.

    Parameters
    ----------
    seed
        Seed of the few-shot examples and of the random subset.
    limit
        Keep this many documents: the first in the order of a seeded hash, so that a smaller
        subset is part of a larger one and every kept prompt is that of the full run. Where the
        suite names `strata`, every start of that order holds their values in proportion.
    render_chat
        Chat template of the tokenizer; `None` asks in plain text.
    system
        System prompt, before what the task itself says there.
    tags
        What stands around thoughts in what is written; empty where nobody thinks.
    """
    lm_task = loaded.lm_task
    lm_task.set_fewshot_seed(seed)
    if render_chat is not None:
        render_chat = chat_with_pictures(render_chat, lm_task)
    with quick_and_quiet(), _telling(loaded):
        lm_task.build_all_requests(
            limit=None,
            rank=0,
            system_instruction=system,
            world_size=1,
            apply_chat_template=render_chat is not None,
            chat_template=render_chat,
            fewshot_as_multiturn=render_chat is not None,
        )
    documents: dict[int, list[Instance]] = defaultdict(list)
    for instance in lm_task.instances:
        documents[int(instance.doc_id or 0)].append(instance)
    hashes = _document_hashes({number: own[0].doc for number, own in documents.items()})
    strata = _strata(documents, loaded)
    kept = _subset(hashes, strata, limit=_least(limit, loaded.choice.limit), seed=seed)
    items, requests, instances = [], [], {}
    for document_id in kept:
        own = sorted(documents[document_id], key=lambda instance: instance.idx)
        item, asked = _item(loaded, document_id, hashes[document_id], own, tags=tuple(tags))
        items.append(item)
        requests += asked
        instances[item.id] = own
    return Built(loaded=loaded, items=tuple(items), requests=tuple(requests), instances=instances)


@contextmanager
def _telling(loaded: LoadedTask) -> Iterator[None]:
    """Say which document no prompt can be made of, and why."""
    try:
        yield
    except ForgetscopeError:
        raise
    except Exception as error:  # a task's own templates and code may fail in any way
        place = _unfit_document(loaded)
        which = "a document" if place is None else f"document {place}"
        raise DataError(
            f"no prompt can be made of {which} of task `{loaded.task.name}`: "
            f"{type(error).__name__}: {first_line(error)}",
            hint="mend the document, or leave the task out",
        ) from error


def _unfit_document(loaded: LoadedTask) -> int | None:
    lm_task = loaded.lm_task
    for place, document in enumerate(lm_task.eval_docs):
        try:
            lm_task.doc_to_text(document)
            lm_task.doc_to_target(document)
        except Exception:  # whatever it was, here it is
            return place
    return None


def n_documents(loaded: LoadedTask) -> int:
    """Return how many documents a task has, before any are left out."""
    return sum(1 for _ in loaded.lm_task.eval_docs)


@contextmanager
def quick_and_quiet() -> Iterator[None]:
    """Keep lm-eval from compiling one template again for each document, and from drawing bars.

    Compiling takes most of the time of a build; the prompts are the same to the byte.
    """
    environment, module = lm_eval.utils.env, lm_eval.api.task
    compile_template, draw = environment.from_string, module.tqdm
    environment.from_string = lru_cache(maxsize=1024)(compile_template)
    module.tqdm = lambda iterable, **_: iterable
    try:
        yield
    finally:
        environment.from_string, module.tqdm = compile_template, draw


def item_ids(task: Task, documents: Mapping[int, Any]) -> dict[int, str]:
    """Return the ids of the items that are made of all documents of a task, by their numbers."""
    hashes = _document_hashes(documents)
    return {number: item_id(task.name, task.version, found) for number, found in hashes.items()}


def _document_hashes(documents: Mapping[int, Any]) -> dict[int, str]:
    """Digest each document; equal documents are told apart by their order of appearance."""
    ids = sorted(documents)
    digests = Documents(told=told).digests(documents[document_id] for document_id in ids)
    return dict(zip(ids, digests, strict=True))


def _strata(documents: dict[int, list[Instance]], loaded: LoadedTask) -> dict[int, str] | None:
    """Return what each document belongs to; `None` where subsets are drawn from all alike."""
    field = loaded.choice.strata
    if field is None:
        return None
    found = {document_id: own[0].doc for document_id, own in documents.items()}
    unlike = next((doc for doc in found.values() if field not in doc), None)
    if unlike is not None:
        raise UnknownNameError(f"`strata` of task `{loaded.task.name}`:", field, known=unlike)
    return {document_id: str(doc[field]) for document_id, doc in found.items()}


def _subset(
    hashes: dict[int, str], strata: dict[int, str] | None, *, limit: int | None, seed: int
) -> Sequence[int]:
    if limit is None or limit >= len(hashes):
        return sorted(hashes)
    ids, keys = list(hashes), list(hashes.values())
    if strata is None:
        order = nested_order(keys, seed=seed)
    else:
        order = proportional_order(keys, [strata[each] for each in ids], seed=seed)
    return sorted(ids[place] for place in order[:limit].tolist())


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _item(
    loaded: LoadedTask,
    document_id: int,
    document_hash: str,
    instances: Sequence[Instance],
    *,
    tags: tuple[ThinkTags, ...],
) -> tuple[Item, list[Request]]:
    task = loaded.task
    own_id = item_id(task.name, task.version, document_hash)
    requests = [
        _request(own_id, index, instance, task=task.name, tags=tags)
        for index, instance in enumerate(instances)
    ]
    document = instances[0].doc
    choices = _choices(loaded, document)
    n_options = len(choices) or len(instances)
    if task.output_type is OutputType.MULTIPLE_CHOICE and n_options < 2:
        raise DataError(f"document {document_id} of task `{task.name}` has fewer than two options")
    field = loaded.entry.cluster if loaded.entry else None
    source = document.get(field) if field else None
    item = Item(
        id=own_id,
        task=task.name,
        document_id=document_id,
        prompt=requests[0].context,
        prompt_hash=prompt_hash([request.id for request in requests]),
        gold=_gold(loaded, document, choices),
        choices=choices,
        chance=_chance(loaded, n_options),
        cluster=cluster_of(task.name, source, item=own_id),
    )
    return item, requests


def _chance(loaded: LoadedTask, n_options: int) -> float:
    is_named = loaded.entry is not None and loaded.entry.chance is not None
    if loaded.task.output_type is OutputType.MULTIPLE_CHOICE and not is_named:
        return 1 / n_options
    return loaded.task.chance


def _request(
    item: str, index: int, instance: Instance, *, task: str, tags: tuple[ThinkTags, ...]
) -> Request:
    kind = RequestKind(instance.request_type)
    context, continuation, decoding = str(instance.args[0]), "", None
    if kind is RequestKind.LOGLIKELIHOOD:
        continuation = str(instance.args[1])
    if kind is RequestKind.GENERATE:
        decoding = decoding_of(instance.args[1])
        if tags:
            thoughts = Thoughts(tags=tags, is_begun=begins_thought(context, tags) is not None)
            decoding = replace(decoding, thoughts=thoughts)
    images = pictures_of(instance, task=task)
    seen = [digest_of_picture(image) for image in images]
    return Request(
        id=request_id(
            item,
            index,
            kind,
            context=context,
            continuation=continuation,
            decoding=decoding,
            seen=seen,
        ),
        item_id=item,
        index=index,
        kind=kind,
        context=context,
        continuation=continuation,
        decoding=decoding,
        images=images,
    )


def _choices(loaded: LoadedTask, document: dict[str, Any]) -> tuple[str, ...]:
    if loaded.task.output_type is not OutputType.MULTIPLE_CHOICE:
        return ()
    return tuple(str(choice) for choice in loaded.lm_task.doc_to_choice(document))


def _gold(loaded: LoadedTask, document: dict[str, Any], choices: tuple[str, ...]) -> str:
    lm_task = loaded.lm_task
    # winogrande and its like put the options into the prompt: there the text is the gold index
    is_in_prompt = bool(choices) and bool(getattr(lm_task, "multiple_input", 0))
    gold = lm_task.doc_to_text(document) if is_in_prompt else lm_task.doc_to_target(document)
    golds = gold if isinstance(gold, list) else [gold]
    return " | ".join(_option(each, choices) for each in golds)


def _option(gold: object, choices: tuple[str, ...]) -> str:
    if isinstance(gold, int) and choices and 0 <= gold < len(choices):
        return choices[gold]
    return "" if isinstance(gold, float) and math.isnan(gold) else str(gold)
