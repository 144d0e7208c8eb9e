"""Answers in batches, so that storing them costs little and an interruption loses little."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from forgetscope.records import Answer

__all__ = ["in_batches"]


def in_batches(answers: Iterable[Answer], *, seconds: float = 1.0) -> Iterator[list[Answer]]:
    """Collect answers for about so long; where one fails to come, those before it come first."""
    batch: list[Answer] = []
    since = time.monotonic()
    try:
        for answer in answers:
            batch.append(answer)
            if time.monotonic() - since >= seconds:
                yield batch
                batch, since = [], time.monotonic()
    except (Exception, KeyboardInterrupt):
        if batch:
            yield batch
        raise
    if batch:
        yield batch
