import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from forgetscope.statistics import Portion, nested_order, tickets

KEYS = [f"item {number}" for number in range(4_000)]


def test_tickets_are_uniform_and_another_seed_has_others():
    first, second = tickets(KEYS, seed=0), tickets(KEYS, seed=1)
    assert kstest(first, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / math.sqrt(len(KEYS))
    assert ((first >= 0) & (first < 1)).all()


def test_tickets_have_nothing_to_do_with_the_order_of_subsets_at_the_same_seed():
    rank = np.empty(len(KEYS))
    rank[nested_order(KEYS, seed=0)] = np.arange(len(KEYS))
    assert abs(np.corrcoef(rank, tickets(KEYS, seed=0))[0, 1]) < 5 / math.sqrt(len(KEYS))


@given(
    keys=st.lists(st.text(), unique=True),
    seed=st.integers(0, 99),
    cuts=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4, unique=True),
)
def test_portions_that_follow_each_other_divide_the_items(keys, seed, cuts):
    ends = [0.0, *sorted(cuts), 1.0]
    parts = [
        Portion(low=low, high=high, seed=seed).holds(keys) for low, high in itertools.pairwise(ends)
    ]
    assert (np.sum(parts, axis=0) == 1).all()


@given(keys=st.lists(st.text(), min_size=1), more=st.lists(st.text()), seed=st.integers(0, 99))
def test_items_that_are_added_move_no_other_and_equal_keys_stay_together(keys, more, seed):
    half = Portion(low=0.5, high=1.0, seed=seed)
    alone = half.holds(keys)
    assert (half.holds([*keys, *more])[: len(keys)] == alone).all()
    assert (half.holds(keys[::-1])[::-1] == alone).all()
    assert len(set(half.holds([keys[0]] * 3).tolist())) == 1


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (-0.1, 0.5), (0.5, 1.1), (0.7, 0.2)])
def test_a_portion_outside_the_whole_is_refused(low, high):
    with pytest.raises(ValueError, match="within 0 and 1"):
        Portion(low=low, high=high, seed=0)
