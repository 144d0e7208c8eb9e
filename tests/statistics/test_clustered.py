"""Means of clustered numbers."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_ind

from forgetscope.statistics import clustered_mean, clustered_t_interval, renumbered

WORKED = np.array([-1, -1, 0, 0, 1, 0, -1, 0, 0, 0], dtype=float)
WORKED_CLUSTERS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 3, 3])


def test_worked_example_by_hand():
    estimate = clustered_mean(WORKED, WORKED_CLUSTERS)
    interval = clustered_t_interval(estimate, alpha=0.025)
    assert estimate.mean == pytest.approx(-0.2)
    assert estimate.standard_error == pytest.approx(0.2592296, abs=6e-8)
    assert estimate.standard_error_iid == pytest.approx(0.2)
    assert estimate.design_effect == pytest.approx(1.68)
    assert (interval.low, interval.high) == pytest.approx((-1.02498, 0.62498), abs=6e-6)


def test_clusters_of_one_give_the_usual_t_interval():
    value = np.random.default_rng(3).normal(size=40)
    estimate = clustered_mean(value, np.arange(40))
    ours = clustered_t_interval(estimate, alpha=0.025)
    theirs = ttest_1samp(value, 0.0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_a_regression_on_a_constant_has_the_same_clustered_error():
    rng = np.random.default_rng(4)
    cluster = np.unique(rng.integers(0, 30, size=200), return_inverse=True)[1]
    value = rng.normal(size=200) + rng.normal(size=30)[cluster]
    fit = sm.OLS(value, np.ones(200)).fit(cov_type="cluster", cov_kwds={"groups": cluster})
    # its correction holds (n - 1) / (n - k) with k = 1 coefficient, which is 1
    assert clustered_mean(value, cluster).standard_error == pytest.approx(fit.bse[0])


def test_copies_of_an_item_add_no_information():
    value = np.random.default_rng(5).normal(size=50)
    once = clustered_mean(value, np.arange(50))
    eightfold = clustered_mean(np.repeat(value, 8), np.repeat(np.arange(50), 8))
    assert eightfold.standard_error == pytest.approx(once.standard_error)
    # n - 1 against G - 1 in the two corrections
    assert eightfold.design_effect == pytest.approx(8.0 * (50 / 49) * (399 / 400))


def test_items_that_cancel_within_clusters_are_not_worth_more_than_themselves():
    estimate = clustered_mean(np.tile([1.0, -1.0], 20), np.repeat(np.arange(20), 2))
    assert estimate.standard_error == 0.0
    assert estimate.design_effect == 1.0


def test_order_and_names_of_clusters_do_not_matter():
    rng = np.random.default_rng(6)
    order, names = rng.permutation(10), np.array([2, 0, 3, 1])
    one = clustered_mean(WORKED, WORKED_CLUSTERS)
    other = clustered_mean(WORKED[order], names[WORKED_CLUSTERS][order])
    assert other.standard_error == pytest.approx(one.standard_error)
    assert other.mean == pytest.approx(one.mean)


def test_a_single_cluster_has_no_error_rather_than_none():
    estimate = clustered_mean(np.array([0.0, 1.0, 1.0]), np.zeros(3, dtype=int))
    assert math.isnan(estimate.standard_error)
    assert math.isnan(estimate.design_effect)
    assert math.isnan(clustered_t_interval(estimate, alpha=0.05).low)


def test_nothing_has_no_mean():
    estimate = clustered_mean(np.zeros(0), np.zeros(0, dtype=int))
    assert math.isnan(estimate.mean)
    assert estimate.n == estimate.n_clusters == 0


def test_where_nothing_varies_a_cluster_counts_as_one_item():
    estimate = clustered_mean(np.full(12, 0.1), np.repeat(np.arange(3), 4))
    assert estimate.standard_error == 0.0
    assert estimate.design_effect == 4.0


def drawn(seed, n=120, n_clusters=25):
    """Values with a common part per cluster, unequal weights and three strata."""
    rng = np.random.default_rng(seed)
    cluster = np.unique(rng.integers(0, n_clusters, size=n), return_inverse=True)[1]
    value = rng.normal(size=n) + rng.normal(size=n_clusters)[cluster]
    return value, cluster, rng.gamma(2.0, size=n), rng.integers(0, 3, size=n)


def squared_error(estimate):
    n_clusters = estimate.n_clusters
    return n_clusters / (n_clusters - 1) * float(np.square(estimate.residual_G).sum())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("stratified", [False, True])
def test_the_residuals_of_the_clusters_make_up_the_error(weighted, stratified):
    value, cluster, weight, stratum = drawn(7)
    estimate = clustered_mean(
        value,
        cluster,
        weight_I=weight if weighted else None,
        stratum_I=stratum if stratified else None,
    )
    assert estimate.standard_error**2 == pytest.approx(squared_error(estimate))


def test_a_weighted_mean_has_the_error_of_a_weighted_regression_on_a_constant():
    value, cluster, weight, _ = drawn(8)
    fit = sm.WLS(value, np.ones(len(value)), weights=weight).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}
    )
    estimate = clustered_mean(value, cluster, weight_I=weight)
    assert estimate.mean == pytest.approx(fit.params[0])
    assert estimate.standard_error == pytest.approx(fit.bse[0])


def test_equal_weights_and_a_single_stratum_change_nothing():
    value, cluster, _, _ = drawn(9)
    plain = clustered_mean(value, cluster)
    weighted = clustered_mean(value, cluster, weight_I=np.full(len(value), 3.0))
    one = clustered_mean(value, cluster, stratum_I=np.zeros(len(value), dtype=int))
    for other in (weighted, one):
        assert other.mean == pytest.approx(plain.mean, abs=1e-15)
        assert other.standard_error == pytest.approx(plain.standard_error)
        assert other.standard_error_iid == pytest.approx(plain.standard_error_iid)
        assert other.degrees == plain.degrees == plain.n_clusters - 1
        np.testing.assert_allclose(other.residual_G, plain.residual_G, atol=1e-15)


def test_only_the_ratios_of_weights_matter():
    value, cluster, weight, stratum = drawn(10)
    one = clustered_mean(value, cluster, weight_I=weight, stratum_I=stratum)
    other = clustered_mean(value, cluster, weight_I=1e-9 * weight, stratum_I=stratum)
    assert other.standard_error == pytest.approx(one.standard_error)
    np.testing.assert_allclose(other.sum_G, one.sum_G)


def test_the_ratio_of_two_sums_has_the_error_of_its_jackknife():
    """Bits over bytes of texts: leaving out a text at a time tells the same to first order."""
    rng = np.random.default_rng(11)
    size = rng.integers(200, 2_000, size=400).astype(float)
    value = rng.normal(1.0, 0.3, size=400)
    left_out = ((size * value).sum() - size * value) / (size.sum() - size)
    jackknife = math.sqrt(399 / 400 * np.square(left_out - left_out.mean()).sum())
    estimate = clustered_mean(value, np.arange(400), weight_I=size)
    assert estimate.standard_error == pytest.approx(jackknife, rel=0.01)


def in_tasks(rng, sizes):
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    value = rng.normal(size=len(stratum)) + 5.0 * stratum
    return value, stratum, 1.0 / np.repeat(sizes, sizes).astype(float)


def test_the_errors_of_separate_strata_add_up():
    sizes = np.array([5, 40, 200])
    value, stratum, weight = in_tasks(np.random.default_rng(12), sizes)
    estimate = clustered_mean(value, np.arange(len(value)), weight_I=weight, stratum_I=stratum)
    parts = [value[stratum == h] for h in range(3)]
    assert estimate.mean == pytest.approx(np.mean([part.mean() for part in parts]))
    error = math.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)) / 3
    assert estimate.standard_error == pytest.approx(error)
    assert estimate.design_effect == 1.0


def test_two_strata_of_equal_weight_have_the_degrees_of_welch():
    sizes = np.array([6, 60])
    value, stratum, weight = in_tasks(np.random.default_rng(13), sizes)
    estimate = clustered_mean(value, np.arange(66), weight_I=weight, stratum_I=stratum)
    welch = ttest_ind(value[:6], value[6:], equal_var=False)
    assert estimate.degrees == pytest.approx(welch.df)


def test_how_far_strata_lie_apart_is_no_error():
    value, stratum, weight = in_tasks(np.random.default_rng(14), np.array([30, 30]))
    near = clustered_mean(value, np.arange(60), weight_I=weight, stratum_I=stratum)
    far = clustered_mean(value + 100.0 * stratum, np.arange(60), weight_I=weight, stratum_I=stratum)
    assert far.standard_error == pytest.approx(near.standard_error)
    assert clustered_mean(value, np.arange(60)).standard_error > 2 * near.standard_error


def test_a_source_asked_in_every_stratum_is_one_source():
    """A problem in two languages: the errors of both move together."""
    rng = np.random.default_rng(15)
    once = rng.normal(size=50)
    twice = clustered_mean(
        np.tile(once, 2), np.tile(np.arange(50), 2), stratum_I=np.repeat([0, 1], 50)
    )
    alone = clustered_mean(once, np.arange(50))
    assert twice.standard_error == pytest.approx(alone.standard_error)
    assert twice.design_effect == pytest.approx(2.0)


def test_a_stratum_of_one_item_is_not_known_without_error():
    value = np.array([0.0, 1.0, 0.0, 1.0, 9.0])
    estimate = clustered_mean(value, np.arange(5), stratum_I=np.array([0, 0, 0, 0, 1]))
    assert abs(estimate.residual_G[4]) > 1.0
    assert estimate.degrees < 2.0


def test_values_without_spread_in_any_stratum_have_an_error_of_zero():
    value = np.repeat([0.1, 0.7], 10)
    estimate = clustered_mean(value, np.arange(20), stratum_I=np.repeat([0, 1], 10))
    assert estimate.standard_error == 0.0
    assert not estimate.residual_G.any()


def test_nothing_has_no_mean_with_weights_either():
    none = np.zeros(0)
    estimate = clustered_mean(none, none.astype(int), weight_I=none, stratum_I=none.astype(int))
    assert math.isnan(estimate.mean)
    assert len(estimate.residual_G) == 0


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_weights_that_are_not_positive_are_refused(bad):
    with pytest.raises(ValueError, match="weights"):
        clustered_mean(np.ones(2), np.arange(2), weight_I=np.array([1.0, bad]))


@given(st.lists(st.integers(0, 30), max_size=40))
def test_clusters_of_some_items_are_numbered_without_gaps(clusters):
    cluster = np.array(clusters, dtype=np.intp)
    _, expected = np.unique(cluster, return_inverse=True)
    assert renumbered(cluster).tolist() == expected.tolist()
