"""Cluster bootstrap of aggregates that are no means."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from sklearn.metrics import f1_score, matthews_corrcoef  # lm-eval brings it

from forgetscope.statistics.bootstrap import (
    bootstrap_change,
    confusion_by_cluster,
    f1,
    matthews,
    resampled_change,
)


def sample(rng, n_clusters, size=1, right=(0.85, 0.75)):
    """Gold labels and two sides' predictions; half of the errors are shared by a cluster."""
    n = n_clusters * size
    cluster_I = np.repeat(np.arange(n_clusters), size)
    gold_I = (rng.random(n) < 0.4).astype(int)
    predicted = []
    for share in right:
        own, shared = rng.random(n) < share, (rng.random(n_clusters) < share)[cluster_I]
        is_right_I = np.where(rng.random(n) < 0.5, own, shared)
        predicted.append(np.where(is_right_I, gold_I, 1 - gold_I))
    return gold_I, *predicted, cluster_I


def tables(gold_I, before_I, after_I, cluster_I):
    return (
        confusion_by_cluster(gold_I, before_I, cluster_I),
        confusion_by_cluster(gold_I, after_I, cluster_I),
    )


labels = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        st.integers(2, 4),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
    )
)


@given(labels)
@settings(deadline=None)
def test_correlation_and_f1_agree_with_scikit_learn_where_they_exist(case):
    k, gold, predicted, _ = case
    gold_I, predicted_I = np.array(gold) % k, np.array(predicted) % k
    table = confusion_by_cluster(gold_I, predicted_I, np.zeros(len(gold), int), n_classes=k)[0]
    if len(set(gold_I.tolist())) > 1 and len(set(predicted_I.tolist())) > 1:
        expected = matthews_corrcoef(gold_I, predicted_I)
        assert float(matthews(table)) == pytest.approx(expected, abs=1e-12)
    else:
        assert np.isnan(matthews(table))
    if k == 2 and (gold_I | predicted_I).any():
        expected = f1_score(gold_I, predicted_I)
        assert float(f1(table)) == pytest.approx(expected, abs=1e-12)


def test_worked_tables_have_their_known_correlation_and_f1():
    """90 true positives, 4 false ones, 1 true and 5 false negatives."""
    table = np.array([[1, 4], [5, 90]])
    root = math.sqrt(94 * 95 * 5 * 6)
    assert float(matthews(table)) == pytest.approx((90 * 1 - 4 * 5) / root, rel=1e-14)
    assert float(f1(table)) == pytest.approx(180 / 189, rel=1e-14)


def test_an_aggregate_of_nothing_is_undefined_not_zero():
    assert np.isnan(matthews(np.zeros((2, 2))))
    assert np.isnan(f1(np.zeros((2, 2))))
    assert np.isnan(matthews(np.array([[7, 0], [3, 0]])))  # one answer to everything
    assert np.isnan(f1(np.array([[7, 0], [0, 0]])))
    assert float(f1(np.array([[7, 0], [3, 0]]))) == 0.0  # all positives missed is a true zero


def test_f1_is_of_two_classes_only():
    with pytest.raises(ValueError, match="two classes, not 3"):
        f1(np.ones((3, 3)))


@given(labels)
def test_tables_of_clusters_hold_every_item_once(case):
    k, gold, predicted, cluster = case
    _, cluster_I = np.unique(cluster, return_inverse=True)
    gold_I, predicted_I = np.array(gold) % k, np.array(predicted) % k
    table_GKK = confusion_by_cluster(gold_I, predicted_I, cluster_I, n_classes=k)
    expected = np.zeros((cluster_I.max() + 1, k, k))
    for g, gold_class, predicted_class in zip(cluster_I, gold_I, predicted_I, strict=True):
        expected[g, gold_class, predicted_class] += 1
    np.testing.assert_array_equal(table_GKK, expected)


def test_classes_out_of_range_are_refused():
    with pytest.raises(ValueError, match="predicted classes must be from 0 to 1"):
        confusion_by_cluster(np.array([0, 1]), np.array([0, 2]), np.array([0, 1]))
    with pytest.raises(ValueError, match="gold classes"):
        confusion_by_cluster(np.array([-1]), np.array([0]), np.array([0]))


def pearson(first, second, axis=-1):
    """The correlation of 0/1 labels as of any numbers: for two classes it is Matthews'."""
    a, b = (v - v.mean(axis=axis, keepdims=True) for v in (first, second))
    return (a * b).sum(axis) / np.sqrt((a * a).sum(axis) * (b * b).sum(axis))


def dice(first, second, axis=-1):
    """F1 as the overlap of two sets."""
    return 2 * (first * second).sum(axis) / (first.sum(axis) + second.sum(axis))


@pytest.mark.parametrize(("statistic", "literal"), [(matthews, pearson), (f1, dice)])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_interval_equals_the_paired_bca_bootstrap_of_scipy(statistic, literal, alpha):
    gold_I, before_I, after_I, cluster_I = sample(np.random.default_rng(1), 60)
    mine = bootstrap_change(
        *tables(gold_I, before_I, after_I, cluster_I), statistic, alpha=alpha, seed=7
    )

    def change(gold, before, after, axis=-1):
        return literal(gold, after, axis) - literal(gold, before, axis)

    theirs = scipy.stats.bootstrap(
        (gold_I, before_I, after_I),
        change,
        paired=True,
        vectorized=True,
        n_resamples=2_000,
        confidence_level=1 - 2 * alpha,
        method="BCa",
        rng=np.random.default_rng(7),
    )
    assert mine.change == pytest.approx(change(gold_I, before_I, after_I), rel=1e-12)
    assert mine.interval.method == "bootstrap BCa"
    expected = tuple(theirs.confidence_interval)
    assert (mine.interval.low, mine.interval.high) == pytest.approx(expected, rel=1e-9)


def test_interval_of_a_mean_is_close_to_the_clustered_one():
    """Where the aggregate is a mean after all, the t interval of the same clusters is known."""
    rng = np.random.default_rng(2)
    value_G = rng.normal(0.1, 1.0, size=400)

    def pair(count_RG):
        mean_R = count_RG @ value_G / count_RG.sum(axis=1)
        return np.stack([np.zeros_like(mean_R), mean_R])

    found = resampled_change(pair, 400, alpha=0.05, seed=0, draws=20_000)
    reach = norm.isf(0.05) * value_G.std() / 20
    assert found.interval.low == pytest.approx(value_G.mean() - reach, abs=0.005)
    assert found.interval.high == pytest.approx(value_G.mean() + reach, abs=0.005)


def test_leaving_out_groups_of_many_clusters_tells_the_same_skew():
    """Beyond 2,000 clusters groups are left out; a skewed mean still leans to the long tail."""
    value_G = np.random.default_rng(3).exponential(size=6_000)

    def pair(count_RG):
        mean_R = count_RG @ value_G / count_RG.sum(axis=1)
        return np.stack([np.zeros_like(mean_R), mean_R])

    interval = resampled_change(pair, 6_000, alpha=0.05, seed=0).interval
    assert interval.method == "bootstrap BCa"
    reach = norm.isf(0.05) * value_G.std() / math.sqrt(6_000)
    assert interval.low == pytest.approx(value_G.mean() - reach, abs=0.002)
    assert interval.high == pytest.approx(value_G.mean() + reach, abs=0.002)


def test_clusters_that_move_together_widen_the_interval():
    gold_I, before_I, after_I, cluster_I = sample(np.random.default_rng(4), 100, size=8)
    item_I = np.arange(len(gold_I))
    whole = bootstrap_change(
        *tables(gold_I, before_I, after_I, cluster_I), matthews, alpha=0.05, seed=0
    )
    apart = bootstrap_change(
        *tables(gold_I, before_I, after_I, item_I), matthews, alpha=0.05, seed=0
    )
    assert whole.change == pytest.approx(apart.change, rel=1e-12)
    width = [i.interval.high - i.interval.low for i in (whole, apart)]
    assert width[0] > 1.2 * width[1]


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not():
    pair = tables(*sample(np.random.default_rng(5), 80))
    first, again, other = (
        bootstrap_change(*pair, matthews, alpha=0.05, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.interval != other.interval


def test_swapping_the_sides_turns_the_change_around():
    before, after = tables(*sample(np.random.default_rng(6), 200))
    there = bootstrap_change(before, after, f1, alpha=0.05, seed=0)
    back = bootstrap_change(after, before, f1, alpha=0.05, seed=0)
    assert back.change == -there.change
    assert back.interval.low == pytest.approx(-there.interval.high, abs=1e-12)
    assert back.interval.high == pytest.approx(-there.interval.low, abs=1e-12)


def test_a_surer_interval_contains_a_less_sure_one():
    pair = tables(*sample(np.random.default_rng(7), 100))
    wide, narrow = (
        bootstrap_change(*pair, matthews, alpha=alpha, seed=0).interval for alpha in (0.01, 0.1)
    )
    assert wide.low < narrow.low < narrow.high < wide.high


def test_more_resamples_are_drawn_for_small_error_probabilities():
    pair = tables(*sample(np.random.default_rng(8), 30))
    assert bootstrap_change(*pair, f1, alpha=0.05, seed=0).n_draws == 2_000
    assert bootstrap_change(*pair, f1, alpha=0.001, seed=0).n_draws == 20_000


def test_where_nothing_differs_no_interval_is_claimed():
    before, _ = tables(*sample(np.random.default_rng(9), 50))
    found = bootstrap_change(before, before, matthews, alpha=0.05, seed=0)
    assert found.change == 0.0
    assert np.isnan([found.interval.low, found.interval.high]).all()
    assert found.interval.method == "none"


@pytest.mark.parametrize("n_clusters", [0, 1])
def test_one_cluster_or_none_has_no_interval(n_clusters):
    table = np.full((n_clusters, 2, 2), 3.0)
    found = bootstrap_change(table, table, matthews, alpha=0.05, seed=0)
    assert math.isnan(found.interval.low)
    assert math.isnan(found.change) == (n_clusters == 0)


def test_an_undefined_aggregate_has_no_change():
    before, after = tables(*sample(np.random.default_rng(10), 50))
    constant = after.sum(axis=-1, keepdims=True) * np.array([1.0, 0.0])
    found = bootstrap_change(before, constant, matthews, alpha=0.05, seed=0)
    assert math.isnan(found.after)
    assert math.isnan(found.change)
    assert math.isnan(found.interval.high)


def test_resamples_without_an_aggregate_count_beyond_both_ends():
    """One positive among 40: more than a third of the resamples do not hold it."""
    gold_I = np.r_[1, np.zeros(39, int)]
    before_I, after_I = np.r_[1, np.zeros(39, int)], np.r_[1, 1, 1, np.zeros(37, int)]
    found = bootstrap_change(
        *tables(gold_I, before_I, after_I, np.arange(40)), matthews, alpha=0.05, seed=0
    )
    missed = (39 / 40) ** 40
    assert found.n_undefined / found.n_draws == pytest.approx(missed, abs=0.04)
    assert np.isnan([found.interval.low, found.interval.high]).all()


def test_without_a_bias_to_correct_percentiles_are_taken():
    """Every resample moves one way: the normal quantile of their share is infinite."""

    def pair(count_RG):
        moved_R = (count_RG != 1.0).any(axis=1) * (1.0 + count_RG[:, 0])
        return np.stack([np.zeros_like(moved_R), moved_R])

    interval = resampled_change(pair, 30, alpha=0.05, seed=0).interval
    assert interval.method == "bootstrap percentile"
    assert (interval.low, interval.high) == (1.0, 4.0)  # 0 to 3 times drawn


def test_sides_of_different_shape_and_impossible_levels_are_refused():
    before, after = tables(*sample(np.random.default_rng(11), 20))
    with pytest.raises(ValueError, match="tables of shapes"):
        bootstrap_change(before, after[1:], f1, alpha=0.05, seed=0)
    for alpha in (0.0, 0.5):
        with pytest.raises(ValueError, match="alpha must be"):
            bootstrap_change(before, after, f1, alpha=alpha, seed=0)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_correlation_of_more_classes_is_resampled_as_well(seed):
    rng = np.random.default_rng(seed)
    gold_I, cluster_I = rng.integers(0, 3, 120), np.arange(120) // 2
    before_I, after_I = (np.where(rng.random(120) < p, gold_I, 0) for p in (0.9, 0.5))
    pair = [confusion_by_cluster(gold_I, p, cluster_I, n_classes=3) for p in (before_I, after_I)]
    found = bootstrap_change(*pair, matthews, alpha=0.05, seed=0)
    assert found.interval.low < found.change < found.interval.high


def covered(statistic, n_clusters, trials, seed):
    """How many 90 % intervals contain the change of the population."""
    rng = np.random.default_rng(seed)
    many = tables(*sample(rng, 250_000, size=4))
    truth = float(statistic(many[1].sum(axis=0)) - statistic(many[0].sum(axis=0)))
    hits = 0
    for trial in range(trials):
        pair = tables(*sample(rng, n_clusters, size=4))
        interval = bootstrap_change(*pair, statistic, alpha=0.05, seed=trial).interval
        hits += interval.low <= truth <= interval.high
    return hits


def not_below(hits, trials, target):
    return binomtest(hits, trials, target, alternative="less").pvalue > norm.sf(3)


@pytest.mark.parametrize("statistic", [matthews, f1])
def test_intervals_contain_the_true_change_as_often_as_they_say(statistic):
    assert not_below(covered(statistic, 60, 200, seed=12), 200, 0.88)


@pytest.mark.slow
@pytest.mark.parametrize("statistic", [matthews, f1])
@pytest.mark.parametrize("n_clusters", [40, 120, 300])
def test_in_the_long_run_intervals_contain_the_true_change(statistic, n_clusters):
    assert not_below(covered(statistic, n_clusters, 1_500, seed=13), 1_500, 0.88)
