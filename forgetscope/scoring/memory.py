"""Memory: what an exhausted device looks like, and how work goes on with smaller batches."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

import torch

__all__ = ["Batch", "free_memory", "is_out_of_memory", "keep_freed_memory", "run_in_batches"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of `mallopt` in malloc.h
_KEPT_BYTES = 2**28
_LARGEST_ON_HEAP = 2**25  # the largest that glibc takes
_MESSAGES = ("out of memory", "can't allocate memory", "cannot allocate memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[ItemT, ResultT]):
    """Items that went through the model together."""

    items: Sequence[ItemT]
    results: Sequence[ResultT] | None
    """One per item; `None` for a single item that does not fit into memory."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory is exhausted, on a GPU or on the CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(message in text for message in _MESSAGES)


def run_in_batches(
    items: Sequence[ItemT],
    compute: Callable[[Sequence[ItemT]], Sequence[ResultT]],
    *,
    length: Callable[[ItemT], int],
    budget: int,
    max_items: int | None = None,
    is_wanted: Callable[[ItemT], bool] | None = None,
) -> Iterator[Batch[ItemT, ResultT]]:
    """Send items through `compute` in batches that fit a budget of tokens, in the order given.

    A batch costs its longest item times its number of items, because shorter ones are padded. When
    memory runs out, the budget falls to half of what failed, for the rest of the run.

    Parameters
    ----------
    items
        Best sorted by length, longest first: then exhaustion shows at once.
    compute
        Returns one result per item.
    length
        Tokens of an item.
    budget
        Tokens of a batch, padding included; a single longer item still makes a batch.
    max_items
        Largest number of items in a batch; `None`: only the budget counts.
    is_wanted
        A batch in which no item is wanted is passed over; `None`: every item is wanted. The
        batches are the same whatever is wanted, and so are the results to the last digit.
    """
    start = 0
    while start < len(items):
        stop = len(items) if max_items is None else start + max_items
        size = _batch_size(itertools.islice(items, start, stop), length, budget)
        batch = items[start : start + size]
        if is_wanted is not None and not any(map(is_wanted, batch)):
            start += size
            continue
        results: Sequence[ResultT] | None = None
        try:
            results = compute(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        if results is None:
            # outside the handler: its traceback keeps the tensors alive
            free_memory()
            if size > 1:
                budget = size * max(length(item) for item in batch) // 2
                continue
        yield Batch(items=batch, results=results)
        start += size


def _batch_size(items: Iterable[ItemT], length: Callable[[ItemT], int], budget: int) -> int:
    """Return how many of the items, at least one, fit the budget together."""
    longest = size = 0
    for size, item in enumerate(items):
        longest = max(longest, length(item))
        if size > 0 and (size + 1) * longest > budget:
            return size
    return size + 1


def free_memory() -> None:
    """Give back what a device holds in reserve."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@cache
def keep_freed_memory() -> None:
    """Let the C library keep up to 256 MiB of what is freed, for the whole process.

    It gives the memory of each layer back to the system otherwise, and faults it in again, page by
    page, for the next one: a tenth of the CPU time of a small model. Without effect where the
    library is not glibc.
    """
    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGEST_ON_HEAP)
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
