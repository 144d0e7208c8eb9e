"""Shares: their optimum, their range, their order."""

import math
import random

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.recap.rules.softmax import mean_one, mixed, softmax

scores = st.lists(st.floats(-1e102, 1e102), min_size=1, max_size=12)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12), st.floats(0.05, 50))
def test_shares_are_those_of_scipy(score_K, temperature):
    expected_K = scipy.special.softmax(np.array(score_K) / temperature)
    np.testing.assert_allclose(softmax(score_K, temperature), expected_K, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("temperature", [0.1, 1.0, 5.0])
def test_no_other_shares_bring_more_score_and_entropy(temperature):
    """Theorem 1 of the paper; what another p misses is T times its divergence from the softmax."""
    rng = np.random.default_rng(0)
    score_K = rng.normal(size=5)
    best_K = np.array(softmax(score_K.tolist(), temperature))

    def objective(share_K):
        return share_K @ score_K - temperature * np.sum(share_K * np.log(share_K))

    for share_K in rng.dirichlet(np.ones(5), size=500):
        missed = objective(best_K) - objective(share_K)
        assert missed > 0
        divergence = np.sum(share_K * np.log(share_K / best_K))
        assert missed == pytest.approx(temperature * divergence, rel=1e-6, abs=1e-9)


@given(scores, st.sampled_from([5e-324, 1e-3, 1.0, 1e300]))
def test_shares_of_any_finite_scores_are_finite_and_sum_to_one(score_K, temperature):
    share_K = softmax(score_K, temperature)
    assert all(math.isfinite(share) and share >= 0 for share in share_K)
    assert math.fsum(share_K) == pytest.approx(1.0, abs=1e-12)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_changes_no_bit(score_K, rng: random.Random):
    order = list(range(len(score_K)))
    rng.shuffle(order)
    share_K = mean_one(softmax(score_K, 0.7))
    assert mean_one(softmax([score_K[k] for k in order], 0.7)) == [share_K[k] for k in order]


def test_a_mixture_lies_between():
    assert mixed([1.0, 0.0], [0.0, 1.0], 0.25) == [0.25, 0.75]


def test_weights_have_mean_one_and_keep_their_ratios():
    assert mean_one([1.0, 3.0]) == [0.5, 1.5]


def test_where_nothing_has_a_share_all_weigh_one():
    assert mean_one([0.0, 0.0, 0.0]) == [1.0, 1.0, 1.0]
