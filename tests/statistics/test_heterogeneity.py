"""Whether several changes are alike."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2
from statsmodels.stats.meta_analysis import combine_effects

from forgetscope.statistics import heterogeneity, net_change

changes = st.lists(
    st.tuples(st.floats(-0.5, 0.5), st.floats(0.001, 0.3)), min_size=2, max_size=12
).map(lambda cells: np.array(cells).T)


@given(changes)
@settings(deadline=None)
def test_the_test_is_that_of_a_meta_analysis(cells):
    change_J, error_J = cells
    with np.errstate(all="ignore"):  # its I-squared divides by Q
        theirs = combine_effects(change_J, error_J**2)
    ours = heterogeneity(change_J, error_J)
    assert ours.q == pytest.approx(theirs.q, abs=1e-7)
    assert ours.centre == pytest.approx(theirs.mean_effect_fe)
    assert ours.p_value == pytest.approx(chi2.sf(ours.q, len(change_J) - 1))
    assert ours.degrees == len(change_J) - 1


def test_two_changes_by_hand():
    """(0.1 + 0.1) / sqrt(0.03^2 + 0.04^2) = 4, so Q = 16."""
    test = heterogeneity(np.array([0.1, -0.1]), np.array([0.03, 0.04]))
    assert test.q == pytest.approx(16.0)
    assert test.p_value == pytest.approx(math.erfc(4 / math.sqrt(2)))
    assert test.centre == pytest.approx((0.1 / 9 - 0.1 / 16) / (1 / 9 + 1 / 16))


def test_equal_changes_are_alike_whatever_their_errors():
    test = heterogeneity(np.full(4, -0.02), np.array([0.1, 0.01, 0.5, 0.02]))
    assert test.q == pytest.approx(0.0, abs=1e-20)
    assert test.p_value == pytest.approx(1.0)


def test_changes_without_a_known_error_are_left_out():
    change, error = np.array([0.1, 5.0, -0.1, 3.0, 7.0]), np.array([0.03, 0.0, 0.04, math.nan, 0.0])
    test = heterogeneity(change, error)
    assert test == heterogeneity(change[[0, 2]], error[[0, 2]])


@pytest.mark.parametrize("errors", [[], [0.1], [0.0, 0.0], [0.1, 0.0]])
def test_fewer_than_two_changes_cannot_differ(errors):
    test = heterogeneity(np.zeros(len(errors)), np.array(errors))
    assert math.isnan(test.p_value)
    assert math.isnan(test.q)
    assert test.degrees == 0


@given(changes, st.floats(-1.0, 1.0), st.floats(0.01, 100.0))
@settings(deadline=None)
def test_a_common_change_and_the_unit_do_not_matter(cells, shift, unit):
    change_J, error_J = cells
    one = heterogeneity(change_J, error_J)
    other = heterogeneity(unit * (change_J + shift), unit * error_J)
    assert other.q == pytest.approx(one.q, rel=1e-6, abs=1e-6)


def test_tasks_that_changed_alike_seldom_look_different():
    rng = np.random.default_rng(0)
    rejected = 0
    for _ in range(300):
        tasks = [rng.choice([-1.0, 1.0, 0.0], p=[0.15, 0.1, 0.75], size=200) for _ in range(6)]
        before = [(moved < 0).astype(float) for moved in tasks]
        estimates = [
            net_change(b, b + moved, np.arange(200)).estimate
            for b, moved in zip(before, tasks, strict=True)
        ]
        change_J = np.array([estimate.mean for estimate in estimates])
        error_J = np.array([estimate.standard_error for estimate in estimates])
        rejected += heterogeneity(change_J, error_J).p_value <= 0.05
    # the errors are estimates themselves
    assert binomtest(rejected, 300, 0.06, alternative="greater").pvalue > 0.001
