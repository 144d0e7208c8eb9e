"""Several samples of each answer."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, permutation_test

from forgetscope.statistics import net_change
from forgetscope.statistics.repeats import churn_test, repeated_transitions

ALPHA = 0.05
NAN = math.nan

ragged = st.lists(
    st.tuples(
        st.lists(st.integers(0, 1), min_size=1, max_size=5),
        st.lists(st.integers(0, 1), min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=12,
)


def padded(lists):
    widest = max(map(len, lists))
    return np.array([[*map(float, row), *[NAN] * (widest - len(row))] for row in lists])


def sides(rows):
    before, after = zip(*rows, strict=True)
    return padded(before), padded(after), np.arange(len(rows))


def of_means(means):
    """Two 0/1 samples with the given mean."""
    return np.array([{0: (0.0, 0.0), 1: (0.0, 1.0), 2: (1.0, 1.0)}[round(2 * m)] for m in means])


def worked():
    return (
        of_means([1, 0.5, 0, 1, 0.5, 0]),
        of_means([1, 0, 0, 0.5, 0.5, 0.5]),
        np.arange(6),
    )


def sampled(rng, *, n, k, other=None, churn=0.0):
    """Items of arcsine-distributed difficulty, of which a share draws a new one: no net change."""
    first = rng.beta(0.5, 0.5, size=n)
    second = np.where(rng.random(n) < churn, rng.beta(0.5, 0.5, size=n), first)

    def draw(p, k):
        return (rng.random((n, k)) < p[:, None]) * 1.0

    return draw(first, k), draw(second, other or k)


def test_worked_example_with_two_samples():
    seen = repeated_transitions(*worked(), alpha=ALPHA)
    assert seen.lost.value == pytest.approx(0.208333, abs=6e-7)
    assert seen.gained.value == pytest.approx(0.125)
    assert seen.self_flip == pytest.approx(0.166667, abs=6e-7)
    assert seen.lost_beyond.value == pytest.approx(0.208333 - 0.166667, abs=2e-6)
    assert (seen.samples_before, seen.samples_after) == (2, 2)


@given(ragged)
def test_expected_transitions_are_those_of_every_pair_of_samples(rows):
    seen = repeated_transitions(*sides(rows), alpha=ALPHA)
    lost = [np.mean([a * (1 - b) for a in x for b in y]) for x, y in rows]
    gained = [np.mean([(1 - a) * b for a in x for b in y]) for x, y in rows]
    assert seen.lost.value == pytest.approx(np.mean(lost))
    assert seen.gained.value == pytest.approx(np.mean(gained))
    own = [
        np.mean([a * (1 - b) for a, b in itertools.permutations(x, 2)])
        for x, _ in rows
        if len(x) > 1
    ]
    assert seen.self_flip == pytest.approx(np.mean(own) if own else NAN, nan_ok=True)


@given(ragged)
def test_gained_minus_lost_is_the_net_change(rows):
    before, after, cluster = sides(rows)
    seen = repeated_transitions(before, after, cluster, alpha=ALPHA)
    net = np.mean([np.mean(y) - np.mean(x) for x, y in rows])
    assert seen.gained.value - seen.lost.value == pytest.approx(net, abs=1e-12)


@given(ragged)
def test_neither_the_order_of_items_nor_that_of_samples_matters(rows):
    one = repeated_transitions(*sides(rows), alpha=ALPHA)
    turned = [(x[::-1], y[::-1]) for x, y in rows[::-1]]
    other = repeated_transitions(*sides(turned), alpha=ALPHA)
    for field in ("self_flip", "between", "within_before", "within_share"):
        mine, theirs = getattr(one, field), getattr(other, field)
        assert mine == pytest.approx(theirs, nan_ok=True, abs=1e-12)
    assert one.lost.low == pytest.approx(other.lost.low, nan_ok=True, abs=1e-9)


def test_one_sample_a_side_is_the_transition_table_and_separates_nothing():
    rng = np.random.default_rng(1)
    before, after = (rng.integers(0, 2, size=(50, 1)) * 1.0 for _ in range(2))
    seen = repeated_transitions(before, after, np.arange(50), alpha=ALPHA)
    assert seen.lost.value == pytest.approx((before > after).mean())
    for undefined in (
        seen.self_flip,
        seen.lost_beyond.value,
        seen.between,
        seen.within_before,
        seen.within_share,
    ):
        assert math.isnan(undefined)


def test_a_single_sample_after_hides_its_own_noise_only():
    rng = np.random.default_rng(2)
    before, after = sampled(rng, n=80, k=4, other=1)
    seen = repeated_transitions(before, after, np.arange(80), alpha=ALPHA)
    assert seen.within_before == pytest.approx(before.var(axis=1, ddof=1).mean())
    assert math.isnan(seen.within_after)
    assert math.isnan(seen.within_share)
    assert not math.isnan(seen.self_flip)


def test_graded_samples_flip_by_the_same_definition():
    before = np.array([[0.2, 0.6, 1.0], [0.5, 0.5, NAN]])
    seen = repeated_transitions(before, before, np.arange(2), alpha=ALPHA)
    first = np.mean([a * (1 - b) for a, b in itertools.permutations([0.2, 0.6, 1.0], 2)])
    assert seen.self_flip == pytest.approx((first + 0.25) / 2)


def test_a_rerun_loses_the_self_flip_floor_on_average():
    rng = np.random.default_rng(3)
    before, rerun = sampled(rng, n=20_000, k=4)
    seen = repeated_transitions(before, rerun, np.arange(20_000), alpha=0.001)
    assert seen.lost.value > 0.1
    assert seen.lost_beyond.low < 0.0 < seen.lost_beyond.high
    # mean of p (1 - p) over the arcsine distribution
    assert seen.self_flip == pytest.approx(1 / 8, abs=0.005)


def test_the_variance_is_split_into_its_true_parts():
    """Arcsine items: within variance 1/8; 15 % redrawn, each by a difference of variance 1/4."""
    rng = np.random.default_rng(4)
    before, after = sampled(rng, n=40_000, k=3, other=6, churn=0.15)
    seen = repeated_transitions(before, after, np.arange(40_000), alpha=ALPHA)
    assert seen.within_before == pytest.approx(1 / 8, abs=0.003)
    assert seen.within_after == pytest.approx(1 / 8, abs=0.003)
    assert seen.between == pytest.approx(0.15 * 0.25, abs=0.003)
    noise = 1 / 24 + 1 / 48
    assert seen.within_share == pytest.approx(noise / (noise + 0.0375), abs=0.02)


def test_the_parts_add_up_to_the_variance_of_the_change_where_samples_vary_in_number():
    rng = np.random.default_rng(5)
    before, after = sampled(rng, n=400, k=4, churn=0.3)
    before[::2, 2:] = NAN
    seen = repeated_transitions(before, after, np.arange(400), alpha=ALPHA)
    change = net_change(np.nanmean(before, axis=1), after.mean(axis=1), np.arange(400))
    noise = seen.within_before * (1 / 2 + 1 / 4) / 2 + seen.within_after / 4
    assert (seen.between + noise) / 400 == pytest.approx(change.estimate.standard_error**2)
    assert seen.samples_before == 3


def test_clusters_widen_the_interval_of_the_lost():
    rng = np.random.default_rng(6)
    before, after = (np.repeat(x, 5, axis=0) for x in sampled(rng, n=60, k=2, churn=0.5))
    single = repeated_transitions(before, after, np.arange(300), alpha=ALPHA).lost
    copied = repeated_transitions(before, after, np.arange(300) // 5, alpha=ALPHA).lost
    assert copied.high - copied.low > 2 * (single.high - single.low)


def test_items_without_samples_and_impossible_scores_are_refused():
    good = np.ones((2, 2))
    with pytest.raises(ValueError, match="at least one sample"):
        repeated_transitions(good, np.array([[1.0], [NAN]]), np.arange(2), alpha=ALPHA)
    with pytest.raises(ValueError, match="lie in"):
        churn_test(good, 2 * good, seed=0)


def test_permuting_by_hand_gives_the_same_p_value():
    """All orders of three items with two samples a side, written out."""
    before = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    after = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    seen = np.maximum(before.mean(axis=1) - after.mean(axis=1), 0).sum()
    hits = total = 0
    choices = list(itertools.combinations(range(4), 2))
    for picks in itertools.product(choices, repeat=3):
        fall = 0.0
        for row, pick in zip(np.hstack([before, after]), picks, strict=True):
            chosen = row[list(pick)].mean()
            fall += max(chosen - (row.sum() - 2 * chosen) / 2, 0.0)
        hits += fall >= seen - 1e-12
        total += 1
    exact = hits / total
    test = churn_test(before, after, seed=1, permutations=20_000)
    assert test.statistic == pytest.approx(seen / 3)
    assert test.p_value == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 20_000))


@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_another_permutation_test_agrees_for_one_item(scale):
    """One item with many samples; scores of 0.7 are shuffled, 0/1 ones drawn by their count."""
    rng = np.random.default_rng(7)
    x, y = scale * (rng.random(12) < 0.7), scale * (rng.random(9) < 0.4)
    theirs = permutation_test(
        (x, y),
        lambda a, b, axis: np.maximum(a.mean(axis=axis) - b.mean(axis=axis), 0.0),
        alternative="greater",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(8),
    ).pvalue
    ours = churn_test(x[None] * 1.0, y[None] * 1.0, seed=2, permutations=20_000).p_value
    assert ours == pytest.approx(theirs, abs=0.02)


def test_unequal_numbers_of_samples_are_shuffled_within_their_own_item():
    """Graded and 0/1 paths agree on padded samples: a negligible grading changes nothing."""
    rng = np.random.default_rng(9)
    before, after = sampled(rng, n=60, k=4, churn=0.4)
    before[::2, 3:], after[::3, 1:] = NAN, NAN
    binary = churn_test(before, after, seed=3, permutations=4_000).p_value
    graded = churn_test(0.999 * before, 0.999 * after, seed=3, permutations=4_000).p_value
    assert 0.001 < binary < 0.999
    assert graded == pytest.approx(binary, abs=4 * math.sqrt(0.5 / 4_000))


def test_one_sample_a_side_cannot_tell_churn_from_sampling():
    ones = np.ones((30, 1))
    test = churn_test(ones, 0 * ones, seed=0)
    assert math.isnan(test.p_value)
    assert test.statistic == 1.0


def test_answers_that_never_vary_are_no_churn():
    same = np.repeat([[1.0], [0.0]], 4, axis=1)
    assert churn_test(same, same, seed=0).p_value == 1.0


@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_same_seed_gives_the_same_p_value_whatever_the_order_and_the_memory(scale, monkeypatch):
    rng = np.random.default_rng(10)
    before, after = (scale * side for side in sampled(rng, n=100, k=4, churn=0.1))
    whole = churn_test(before, after, seed=4, permutations=500)
    assert 0.002 < whole.p_value < 1.0
    order = rng.permutation(100)
    turned = churn_test(before[order, ::-1], after[order], seed=4, permutations=500)
    assert turned.p_value == whole.p_value
    monkeypatch.setattr("forgetscope.statistics.repeats._AT_ONCE", 1)
    assert churn_test(before, after, seed=4, permutations=500) == whole


def proofs(*, trials, n, k, churn, seed):
    rng = np.random.default_rng(seed)
    return sum(
        churn_test(*sampled(rng, n=n, k=k, churn=churn), seed=trial, permutations=300).p_value
        <= 0.05
        for trial in range(trials)
    )


def test_reruns_are_seldom_taken_for_churn():
    hits = proofs(trials=200, n=100, k=4, churn=0.0, seed=11)
    assert binomtest(hits, 200, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("k", [4, 8])
def test_reruns_are_taken_for_churn_at_most_at_the_level(k):
    hits = proofs(trials=2_000, n=200, k=k, churn=0.0, seed=12)
    assert binomtest(hits, 2_000, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize(("k", "least"), [(4, 0.5), (8, 0.8)])
def test_pure_churn_of_fifteen_percent_is_mostly_found_among_300_items(k, least):
    hits = proofs(trials=600, n=300, k=k, churn=0.15, seed=13)
    assert binomtest(hits, 600, least, alternative="less").pvalue > 0.001
