"""Means of clustered numbers."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import ttest_1samp

from forgetscope.statistics import clustered_mean, clustered_t_interval

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
