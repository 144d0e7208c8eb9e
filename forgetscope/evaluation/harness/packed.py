"""Items and requests as plain values and back; what follows from something else is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from forgetscope.records import Decoding, Item, Request, RequestKind, ThinkTags, Thoughts

__all__ = ["packed_items", "unpacked_items"]


def packed_items(items: Sequence[Item], requests: Sequence[Request]) -> dict[str, Any]:
    """Return the items of a task, with what is asked about them, as JSON can hold them."""
    decodings: dict[Decoding, int] = {}
    asked: dict[str, list[list[Any]]] = {item.id: [] for item in items}
    before = None
    for request in requests:
        # options of one item mostly have one context
        context = None if request.context == before else request.context
        before = request.context
        place = -1
        if request.decoding is not None:
            place = decodings.setdefault(request.decoding, len(decodings))
        kind = request.kind.value
        asked[request.item_id].append([request.id, kind, context, request.continuation, place])
    return {
        "items": [
            [
                *(item.id, item.document_id, item.prompt_hash, item.gold, list(item.choices)),
                None if math.isnan(item.chance) else item.chance,
                None if item.cluster == item.id else item.cluster,
                asked[item.id],
            ]
            for item in items
        ],
        "decodings": [asdict(decoding) for decoding in decodings],
    }


def unpacked_items(
    record: Mapping[str, Any], *, task: str
) -> tuple[tuple[Item, ...], tuple[Request, ...]]:
    """Return the items and requests that `packed_items` wrote."""
    decodings = [_decoding(each) for each in record["decodings"]]
    items: list[Item] = []
    requests: list[Request] = []
    context = ""
    for id_, document_id, prompt_hash, gold, choices, chance, cluster, asked in record["items"]:
        first = len(requests)
        for index, (request_id, kind, own, continuation, place) in enumerate(asked):
            context = context if own is None else own
            requests.append(
                Request(
                    id=request_id,
                    item_id=id_,
                    index=index,
                    kind=_KINDS[kind],
                    context=context,
                    continuation=continuation,
                    decoding=None if place < 0 else decodings[place],
                )
            )
        items.append(
            Item(
                id=id_,
                task=task,
                document_id=document_id,
                prompt=requests[first].context,
                prompt_hash=prompt_hash,
                gold=gold,
                choices=tuple(choices),
                chance=math.nan if chance is None else chance,
                cluster=id_ if cluster is None else cluster,
            )
        )
    return tuple(items), tuple(requests)


def _decoding(record: Mapping[str, Any]) -> Decoding:
    thoughts = record["thoughts"]
    if thoughts is not None:
        tags = tuple(ThinkTags(**each) for each in thoughts["tags"])
        thoughts = Thoughts(tags=tags, is_begun=thoughts["is_begun"])
    return Decoding(**{**record, "stops": tuple(record["stops"]), "thoughts": thoughts})


_KINDS = {kind.value: kind for kind in RequestKind}
