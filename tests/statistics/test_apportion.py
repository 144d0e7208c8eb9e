from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from forgetscope.statistics import apportion, proportional_order

SIZES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 40), min_size=1, max_size=6)


def test_seats_go_to_the_largest_quotients_by_odd_numbers():
    # 53, 53/3, 53/5 and 24, 24/3 and 23, 23/3 are the seven largest; by 1, 2, 3... 53 would get 4
    assert apportion({"a": 53, "b": 24, "c": 23}, total=7, seed=0) == {"a": 3, "b": 2, "c": 2}


@given(SIZES, st.integers(0, 250), st.integers(0, 9))
def test_a_part_has_as_many_items_as_it_should_and_no_stratum_more_than_it_has(sizes, total, seed):
    given_H = apportion(sizes, total=total, seed=seed)
    assert sum(given_H.values()) == min(total, sum(sizes.values()))
    assert all(0 <= given_H[name] <= size for name, size in sizes.items())


@given(SIZES, st.integers(1, 100), st.integers(0, 9))
def test_no_item_could_be_moved_to_a_stratum_that_deserves_it_more(sizes, total, seed):
    given_H = apportion(sizes, total=min(total, sum(sizes.values())), seed=seed)
    worst = max((Fraction(2 * n - 1, sizes[name]) for name, n in given_H.items() if n), default=0)
    assert all(Fraction(2 * n + 1, sizes[name]) >= worst for name, n in given_H.items())


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(0, 9))
def test_the_order_is_a_permutation_whatever_the_items_order(strata, seed):
    keys = [f"item {place}" for place in range(len(strata))]
    order = proportional_order(keys, strata, seed=seed).tolist()
    turned = proportional_order(keys[::-1], strata[::-1], seed=seed).tolist()
    assert [keys[place] for place in order] == [keys[::-1][place] for place in turned]
    assert sorted(order) == list(range(len(strata)))


def test_every_start_of_the_order_holds_the_strata_in_proportion():
    strata = ["large"] * 60 + ["small"] * 30 + ["rare"] * 10
    order = proportional_order([str(place) for place in range(100)], strata, seed=3)
    for n in range(1, 101):
        drawn = Counter(strata[place] for place in order[:n].tolist())
        for name, size in Counter(strata).items():
            assert abs(drawn[name] - n * size / 100) < 1.5
