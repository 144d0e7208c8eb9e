"""A number and its interval."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from forgetscope.statistics import clustered_mean
from forgetscope.statistics.measured import Measured


def test_a_mean_of_single_items_has_students_interval():
    values = np.array([0.1, 0.4, -0.2, 0.3, 0.9])
    seen = Measured.of_mean(clustered_mean(values, np.arange(5)), alpha=0.05)
    theirs = ttest_1samp(values, 0.0).confidence_interval(0.90)
    assert (seen.low, seen.high) == pytest.approx((theirs.low, theirs.high))


def test_equal_values_have_a_mean_but_no_interval():
    seen = Measured.of_mean(clustered_mean(np.full(5, 0.3), np.arange(5)), alpha=0.05)
    assert seen.value == pytest.approx(0.3)
    assert math.isnan(seen.low)
    assert math.isnan(seen.high)


def test_the_undefined_is_nan():
    nothing = Measured.undefined(0.05)
    assert all(map(math.isnan, (nothing.value, nothing.low, nothing.high)))
