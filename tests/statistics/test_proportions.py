"""Intervals of one share."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.statistics import clopper_pearson, wilson


@given(st.integers(1, 500), st.data(), st.sampled_from([0.005, 0.025, 0.05]))
def test_both_agree_with_scipy(n, data, alpha):
    count = data.draw(st.integers(0, n))
    theirs = binomtest(count, n)
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        found, expected = ours(count, n, alpha=alpha), theirs.proportion_ci(1 - 2 * alpha, method)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("n", [1, 30, 164, 10_000])
def test_none_of_n_still_allows_about_three_over_n(n):
    assert clopper_pearson(0, n, alpha=0.05).high == pytest.approx(1 - 0.05 ** (1 / n))
    assert clopper_pearson(0, n, alpha=0.05).high <= 3 / n


def test_all_of_n_has_the_upper_end_at_one():
    assert wilson(12, 12, alpha=0.05).high == clopper_pearson(12, 12, alpha=0.05).high == 1.0


def test_none_of_nothing_has_no_share():
    assert math.isnan(wilson(0, 0, alpha=0.05).high)
    assert math.isnan(clopper_pearson(0, 0, alpha=0.05).high)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize("count", [-1, 6])
def test_impossible_counts_are_refused(interval, count):
    with pytest.raises(ValueError, match="impossible count"):
        interval(count, 5, alpha=0.05)
