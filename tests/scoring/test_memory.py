"""Batches fit their budget, and exhausted memory halves them instead of ending the run."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.scoring.memory import is_out_of_memory, run_in_batches

LENGTHS = st.lists(st.integers(1, 30), max_size=40)


def doubled(batch):
    return [2 * item for item in batch]


def cost(items):
    return len(items) * max(items)


@given(lengths=LENGTHS, budget=st.integers(1, 100), max_items=st.none() | st.integers(1, 5))
def test_all_items_go_through_in_order_within_the_budget(lengths, budget, max_items):
    batches = list(run_in_batches(lengths, doubled, length=int, budget=budget, max_items=max_items))
    assert [item for batch in batches for item in batch.items] == lengths
    assert [r for batch in batches for r in batch.results or ()] == doubled(lengths)
    for batch in batches:
        assert len(batch.items) == 1 or cost(batch.items) <= budget
        assert max_items is None or len(batch.items) <= max_items


@given(lengths=LENGTHS, limit=st.integers(1, 40))
def test_what_fits_into_memory_is_answered_and_the_rest_is_marked(lengths, limit):
    def compute(batch):
        if cost(batch) > limit:
            raise torch.OutOfMemoryError("no room")
        return doubled(batch)

    batches = list(run_in_batches(lengths, compute, length=int, budget=1000))
    assert [item for batch in batches for item in batch.items] == lengths
    for batch in batches:
        assert (batch.results is None) == (cost(batch.items) > limit)


def test_other_errors_are_not_swallowed():
    def broken(_):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(run_in_batches([1, 2], broken, length=int, budget=10))


def test_a_real_allocation_failure_is_recognised():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.float32)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(ValueError("out of memory"))


_HELD = """
import ctypes, sys, torch
from forgetscope.scoring.memory import keep_freed_memory

class Heap(ctypes.Structure):  # `struct mallinfo2` of malloc.h
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

of_heap = ctypes.CDLL(None).mallinfo2
of_heap.restype = Heap

if sys.argv[1] == "keep":
    keep_freed_memory()
layer = [torch.ones(7_000_000) for _ in range(3)]  # 28 MB each
del layer
print(of_heap().fordblks)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="only glibc 2.33 and later can be asked"
)
def test_what_a_layer_frees_is_held_for_the_next():
    def held(how):
        command = [sys.executable, "-c", _HELD, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    n_bytes = 3 * 28_000_000
    assert held("keep") >= n_bytes
    assert held("give back") < 0.2 * n_bytes, "what would be without it"
