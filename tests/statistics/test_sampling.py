"""A part of a benchmark, and what it says of the whole."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forgetscope.statistics.sampling import (
    difference_estimate,
    nested_order,
    neyman_allocation,
    stratified_estimate,
)

keys_of = st.lists(st.text(max_size=8), max_size=40, unique=True)


@given(keys_of, st.integers(0, 5), st.randoms())
def test_the_order_belongs_to_the_keys_and_not_to_how_they_were_listed(keys, seed, random):
    shuffled = random.sample(keys, len(keys))
    first = [keys[i] for i in nested_order(keys, seed=seed)]
    second = [shuffled[i] for i in nested_order(shuffled, seed=seed)]
    assert first == second
    assert sorted(first) == sorted(keys)


@given(keys_of, st.data())
def test_dropped_items_leave_the_others_in_order(keys, data):
    left = [key for key in keys if data.draw(st.booleans())]
    whole = [keys[i] for i in nested_order(keys, seed=1)]
    part = [left[i] for i in nested_order(left, seed=1)]
    assert part == [key for key in whole if key in set(left)]


def test_another_seed_gives_another_order_and_the_same_seed_the_same():
    keys = [f"document-{i}" for i in range(200)]
    one, again, other = (nested_order(keys, seed=s) for s in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).sum() > 150


def test_equal_keys_stay_in_the_order_given():
    order = nested_order(["a", "b", "a"], seed=3).tolist()
    assert order.index(0) < order.index(2)


def test_every_item_is_as_likely_as_any_to_come_first():
    keys = [f"q{i}" for i in range(10)]
    first = np.array([nested_order(keys, seed=seed)[0] for seed in range(3_000)])
    counts = np.bincount(first, minlength=10)
    # chi-square with nine degrees of freedom: 27.9 is its 0.1 % point
    assert ((counts - 300) ** 2 / 300).sum() < 27.9


def test_no_keys_have_an_order_too():
    assert nested_order([], seed=0).tolist() == []


def test_strata_get_items_by_size_and_spread():
    got = neyman_allocation(np.array([1_000, 1_000, 500]), np.array([0.1, 0.3, 0.4]), total=600)
    assert got.tolist() == [100, 300, 200]


def test_strata_without_any_spread_get_items_by_size():
    got = neyman_allocation(np.array([300, 100]), np.zeros(2), total=40, least=0)
    assert got.tolist() == [30, 10]


def test_every_stratum_is_looked_at_however_calm_and_none_gives_more_than_it_has():
    got = neyman_allocation(np.array([1_000, 5, 60]), np.array([0.0, 0.2, 0.5]), total=100)
    assert got.tolist() == [35, 5, 60]


def test_impossible_divisions_are_refused():
    size, sd = np.array([100, 100]), np.array([0.1, 0.2])
    for total in (15, 201):
        with pytest.raises(ValueError, match="cannot be divided"):
            neyman_allocation(size, sd, total=total)
    with pytest.raises(ValueError, match="finite"):
        neyman_allocation(size, np.array([0.1, np.nan]), total=50)


strata = st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), min_size=1, max_size=6).map(
    lambda rows: (np.array([r[0] for r in rows]), np.array([r[1] for r in rows]))
)


@given(strata, st.integers(0, 10), st.data())
def test_the_division_adds_up_and_keeps_to_its_limits(made, least, data):
    size, sd = made
    low = np.minimum(least, size)
    total = data.draw(st.integers(int(low.sum()), int(size.sum())))
    got = neyman_allocation(size, sd, total=total, least=least)
    assert got.sum() == total
    assert np.all((low <= got) & (got <= size))


def variance_of(n, size, sd):
    return np.sum((size / size.sum()) ** 2 * sd**2 / n * (1 - n / size))


@given(
    st.lists(st.tuples(st.integers(2, 9), st.floats(0.05, 1)), min_size=2, max_size=3), st.data()
)
def test_no_other_division_is_better_by_more_than_rounding(rows, data):
    """All whole divisions tried: the best is hardly below ours, and not below its real optimum."""
    size = np.array([r[0] for r in rows])
    sd = np.array([r[1] for r in rows])
    total = data.draw(st.integers(len(rows), int(size.sum()) - 1))
    ours = variance_of(neyman_allocation(size, sd, total=total, least=1), size, sd)
    best = min(
        variance_of(np.array(n), size, sd)
        for n in itertools.product(*(range(1, s + 1) for s in size))
        if sum(n) == total
    )
    assert ours >= best - 1e-12
    # one item more always makes up for rounding
    if total >= 2 * len(rows):
        fewer = min(
            variance_of(np.array(n), size, sd)
            for n in itertools.product(*(range(1, s + 1) for s in size))
            if sum(n) == total - len(rows)
        )
        assert ours <= fewer + 1e-12


def test_strata_are_weighted_by_all_they_have():
    seen = stratified_estimate(
        np.array([0.5, -0.1]), np.array([0.25, 0.09]), np.array([20, 30]), np.array([100, 300])
    )
    assert seen.value == pytest.approx(0.25 * 0.5 - 0.75 * 0.1)
    square = 0.25**2 * 0.25 / 20 * 0.8 + 0.75**2 * 0.09 / 30 * 0.9
    assert seen.standard_error == pytest.approx(math.sqrt(square))


def test_the_whole_benchmark_leaves_no_sampling_error():
    size = np.array([1, 40])
    seen = stratified_estimate(np.array([0.3, 0.2]), np.array([np.nan, 0.1]), size, size)
    assert seen.standard_error == 0.0
    proxy = np.array([0.1, 0.4, 0.2])
    d = np.array([0.0, 1.0, -1.0])
    whole = difference_estimate(proxy, proxy, d)
    assert whole.value == pytest.approx(d.mean())
    assert whole.standard_error == 0.0


def test_a_part_of_one_item_tells_no_spread():
    one = np.array([1])
    seen = stratified_estimate(np.array([0.3]), np.array([np.nan]), one, np.array([10]))
    assert seen.value == 0.3
    assert math.isnan(seen.standard_error)
    assert math.isnan(difference_estimate(np.zeros(5), np.zeros(1), np.ones(1)).standard_error)


def test_empty_strata_do_not_count():
    seen = stratified_estimate(
        np.array([0.3, np.nan]), np.array([0.1, np.nan]), np.array([4, 0]), np.array([8, 0])
    )
    assert seen.value == pytest.approx(0.3)
    assert seen.standard_error == pytest.approx(math.sqrt(0.1 / 4 * 0.5))
    none = stratified_estimate(np.zeros(1), np.zeros(1), np.array([0]), np.array([0]))
    assert math.isnan(none.value)


def test_impossible_parts_are_refused():
    for n in (0, 11):
        with pytest.raises(ValueError, match="at least one item must be drawn"):
            stratified_estimate(np.zeros(1), np.zeros(1), np.array([n]), np.array([10]))
    with pytest.raises(ValueError, match="cannot stand for"):
        difference_estimate(np.zeros(5), np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="cannot stand for"):
        difference_estimate(np.zeros(5), np.zeros(0), np.zeros(0))


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6), st.integers(1, 5))
def test_over_all_parts_the_difference_estimate_averages_to_the_truth(values, n):
    """Every part of n items written out: unbiased, and so is the square of its error."""
    assume(n <= len(values))
    d = np.array(values)
    proxy = np.cos(3 * np.arange(len(d)))  # any numbers fixed beforehand
    parts = [list(p) for p in itertools.combinations(range(len(d)), n)]
    found = [difference_estimate(proxy, proxy[p], d[p]) for p in parts]
    value = np.array([f.value for f in found])
    assert value.mean() == pytest.approx(d.mean(), abs=1e-12)
    if n > 1:
        square = np.mean([f.standard_error**2 for f in found])
        assert square == pytest.approx(value.var(), abs=1e-12)


def test_over_all_parts_the_stratified_estimate_averages_to_the_truth():
    strata = (np.array([0.0, 1.0, 1.0, 0.5]), np.array([-1.0, 0.0, -1.0]))
    size = np.array([4, 3])
    found = []
    for a in itertools.combinations(range(4), 3):
        for b in itertools.combinations(range(3), 2):
            part = (strata[0][list(a)], strata[1][list(b)])
            found.append(
                stratified_estimate(
                    np.array([p.mean() for p in part]),
                    np.array([p.var(ddof=1) for p in part]),
                    np.array([3, 2]),
                    size,
                )
            )
    value = np.array([f.value for f in found])
    assert value.mean() == pytest.approx(np.concatenate(strata).mean())
    assert np.mean([f.standard_error**2 for f in found]) == pytest.approx(value.var())


def benchmark(rng):
    """1,200 items: known ones may be lost, unknown ones gained, the unsure ones rather."""
    margin = rng.random(1_200)
    before = (rng.random(1_200) < 0.6) * 1.0
    moved = rng.random(1_200) < 0.35 * (1 - margin) ** 3
    d = np.where(moved, 1 - 2 * before, 0.0)
    stratum = (4 * margin).astype(int) + 4 * before.astype(int)
    return d, stratum


def test_strata_sharpen_the_estimate_at_equal_cost_and_stay_unbiased():
    rng = np.random.default_rng(31)
    d, stratum = benchmark(rng)
    size = np.bincount(stratum)
    sd = np.array([d[stratum == h].std() for h in range(8)])
    n = neyman_allocation(size, sd, total=240)
    plain, layered = [], []
    for _ in range(1_500):
        plain.append(rng.choice(d, 240, replace=False).mean())
        parts = [rng.choice(d[stratum == h], n[h], replace=False) for h in range(8)]
        mean, variance = (np.array([f(p) for p in parts]) for f in (np.mean, np.var))
        layered.append(stratified_estimate(mean, variance * n / (n - 1), n, size).value)
    layered = np.array(layered)
    assert abs(layered.mean() - d.mean()) < 4 * layered.std() / math.sqrt(1_500)
    assert np.var(plain) > 1.3 * layered.var()


def test_a_good_proxy_sharpens_the_estimate_and_a_bad_one_only_costs():
    rng = np.random.default_rng(37)
    d = rng.normal(-0.05, 0.4, 1_000)
    good, bad = d + rng.normal(0, 0.1, 1_000), rng.normal(0, 0.8, 1_000)
    part = rng.permutation(1_000)[:150]
    errors = [difference_estimate(f, f[part], d[part]).standard_error for f in (good, 0 * d, bad)]
    assert errors[0] < 0.4 * errors[1] < errors[1] < errors[2]


def test_only_proportions_of_spread_count_however_small():
    size = np.array([1_000, 1_000, 500])
    for unit in (1e-310, 1e-12, 1.0):
        sd = np.array([1.0, 3.0, 4.0]) * unit
        assert neyman_allocation(size, sd, total=600).tolist() == [100, 300, 200]
