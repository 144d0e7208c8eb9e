"""Batches fit their budget, and exhausted memory halves them instead of ending the run."""

from __future__ import annotations

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
