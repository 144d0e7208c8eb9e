"""Identities: digests that tell items, requests and prompts apart, the same for all who ask.

What was asked here and what another program logged carry the same ids where they are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from forgetscope.records.request import Decoding, RequestKind

__all__ = ["Documents", "cluster_of", "digest", "item_id", "prompt_hash", "request_id"]


def digest(*parts: str) -> str:
    """Return 32 hex digits that stand for some texts and their borders."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace")
        # the length keeps ("ab", "c") and ("a", "bc") apart
        hasher.update(f"{len(data)}:".encode() + data)
    return hasher.hexdigest()[:32]


class Documents:
    """Digests documents in their order; equal ones are told apart by their order of appearance.

    Parameters
    ----------
    told
        Writes what is no JSON, e.g. a picture, the same way each time.
    """

    def __init__(self, *, told: Callable[[Any], str] = str) -> None:
        self._told = told
        self._seen: Counter[str] = Counter()

    def digest(self, document: object) -> str:
        """Return the digest of the next document, which holds what JSON can hold."""
        text = json.dumps(document, sort_keys=True, default=self._told, ensure_ascii=True)
        found = digest(text)
        n_before = self._seen[found]
        self._seen[found] += 1
        return digest(found, str(n_before)) if n_before else found

    def digests(self, documents: Iterable[object]) -> Iterator[str]:
        """Yield the digest of each document."""
        return map(self.digest, documents)


def item_id(task: str, version: str, document: str) -> str:
    """Return the id of an item: of its task, the task's version, and the document's digest."""
    return digest(task, version, document)


def cluster_of(task: str, source: object, *, item: str) -> str:
    """Return the cluster of an item: of its source, or the item alone where it has none."""
    return digest(task, str(source)) if source else item


def request_id(
    item: str,
    index: int,
    kind: RequestKind,
    *,
    context: str,
    continuation: str = "",
    decoding: Decoding | None = None,
    seen: Sequence[str] = (),
) -> str:
    """Return the id of a request: of its item, its place, and all that is asked.

    Parameters
    ----------
    seen
        Digests of the pictures that belong to the context.
    """
    # thoughts came later: without them ids are what they always were
    thoughts = None if decoding is None else decoding.thoughts
    told = [] if thoughts is None else [repr(thoughts)]
    return digest(item, str(index), kind.value, context, continuation, repr(decoding), *told, *seen)


def prompt_hash(request_ids: Sequence[str]) -> str:
    """Return the digest of everything that is asked for one item."""
    return digest(*request_ids)
