"""Several claims at once."""

import gc
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from forgetscope.statistics import benjamini_hochberg, benjamini_yekutieli, e_bh, holm

ADJUSTMENTS = {"holm": holm, "fdr_bh": benjamini_hochberg, "fdr_by": benjamini_yekutieli}

p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30).map(np.array)


@pytest.fixture(autouse=True, scope="module")
def _set_aside_what_is_loaded():
    """Statsmodels collects garbage at every call, which takes long where much is loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("name", ADJUSTMENTS)
@given(p_J=p_values)
@settings(deadline=None)
def test_adjusted_p_values_are_those_of_statsmodels(name, p_J):
    theirs = multipletests(p_J, method=name)[1]
    np.testing.assert_allclose(ADJUSTMENTS[name](p_J), theirs, atol=1e-12)


def test_worked_example_of_benjamini_and_hochberg():
    """The fifteen p-values of their section 4: four fall at 5 %, where Bonferroni lets three."""
    small = "0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344 0.0459"
    large = "0.3240 0.4262 0.5719 0.6528 0.7590 1.0000"
    p_J = np.array([float(p) for p in f"{small} {large}".split()])
    assert int((benjamini_hochberg(p_J) <= 0.05).sum()) == 4
    assert int((holm(p_J) <= 0.05).sum()) == 3
    assert int((15 * p_J <= 0.05).sum()) == 3


def test_holm_by_hand():
    adjusted = holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])


@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_what_was_not_tested_is_no_claim(adjust):
    with_gaps = np.array([0.01, math.nan, 0.04, math.nan, 0.5])
    adjusted = adjust(with_gaps)
    assert np.isnan(adjusted[[1, 3]]).all()
    np.testing.assert_allclose(adjusted[[0, 2, 4]], adjust(with_gaps[[0, 2, 4]]))


@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_without_a_claim_there_is_nothing_to_adjust(adjust):
    assert len(adjust(np.zeros(0))) == 0
    assert np.isnan(adjust(np.full(3, math.nan))).all()


@pytest.mark.parametrize("adjust", ADJUSTMENTS.values())
def test_one_claim_needs_no_adjustment(adjust):
    assert adjust(np.array([0.03])) == pytest.approx([0.03])


@given(p_values)
@settings(deadline=None)
def test_adjustments_keep_the_order_and_only_ever_raise(p_J):
    order_J = np.argsort(p_J)
    for adjust in ADJUSTMENTS.values():
        adjusted_J = adjust(p_J)
        assert (np.diff(adjusted_J[order_J]) >= -1e-12).all()
        assert (p_J - 1e-12 <= adjusted_J).all()
        assert (adjusted_J <= 1.0).all()
    assert (benjamini_hochberg(p_J) <= holm(p_J) + 1e-12).all()
    assert (benjamini_hochberg(p_J) <= benjamini_yekutieli(p_J) + 1e-12).all()


def slow_e_bh(e_J, alpha):
    """k hypotheses fall for the largest k of which each is at least J / (alpha k)."""
    count = len(e_J)
    for k in range(count, 0, -1):
        bound = count / (alpha * k)
        if (e_J >= bound).sum() >= k:
            return e_J >= np.sort(e_J)[::-1][k - 1]
    return np.zeros(count, dtype=bool)


@given(st.lists(st.floats(0.0, 2_000.0), min_size=1, max_size=20, unique=True).map(np.array))
@settings(deadline=None)
def test_e_values_fall_as_the_definition_says(e_J):
    assert e_bh(e_J, alpha=0.05).tolist() == slow_e_bh(e_J, 0.05).tolist()


def test_e_values_by_hand():
    """Three at 5 %: one alone needs 60, two need 30 each, three need 20."""
    assert e_bh(np.array([59.0, 1.0, 1.0]), alpha=0.05).tolist() == [False, False, False]
    assert e_bh(np.array([1.0, 60.0, 1.0]), alpha=0.05).tolist() == [False, True, False]
    assert e_bh(np.array([31.0, 1.0, 35.0]), alpha=0.05).tolist() == [True, False, True]
    assert e_bh(np.array([20.0, 21.0, 25.0]), alpha=0.05).all()


def test_an_unknown_e_value_is_no_claim():
    assert e_bh(np.array([math.nan, 20.0]), alpha=0.05).tolist() == [False, True]
    assert e_bh(np.zeros(0), alpha=0.05).tolist() == []


def test_false_discoveries_stay_rare():
    """Half of 40 hypotheses are false: the mean share of wrong claims is at most the level."""
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(400):
        z_J = rng.normal(size=40) + np.repeat([0.0, 3.0], 20)
        claimed_J = benjamini_hochberg(np.array([math.erfc(z / 2**0.5) / 2 for z in z_J])) <= 0.1
        shares.append(claimed_J[:20].sum() / max(claimed_J.sum(), 1))
    # half of the hypotheses are true, so the expected share is half of 10 %
    assert np.mean(shares) == pytest.approx(0.05, abs=4 * np.std(shares) / 20)
