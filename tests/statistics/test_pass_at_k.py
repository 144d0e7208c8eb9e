"""pass@k of samples."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats import t as student

from forgetscope.statistics import pass_at_k, pass_sizes

NAN = math.nan

right_and_wrong = st.lists(st.integers(0, 1), min_size=1, max_size=9)


def one(samples, *, k):
    return float(pass_at_k(np.array([samples], dtype=float), k=k)[0])


def test_it_is_the_share_of_the_subsets_that_hold_a_right_sample():
    """What equation 1 of arXiv:2107.03374 counts, subset by subset."""
    for right in range(7):
        samples = [1.0] * right + [0.0] * (6 - right)
        for k in range(1, 7):
            subsets = list(itertools.combinations(samples, k))
            share = sum(map(max, subsets)) / len(subsets)
            assert one(samples, k=k) == pytest.approx(share)


@given(right_and_wrong, st.data())
def test_binomials_and_the_product_over_wrong_samples_agree_with_it(samples, data):
    """Two other ways to write it: the formula, and the paper's product over n - c + 1, ..., n."""
    n, c = len(samples), sum(samples)
    k = data.draw(st.integers(1, n))
    formula = 1 - math.comb(n - c, k) / math.comb(n, k)
    product = 1.0 if n - c < k else 1 - math.prod(1 - k / m for m in range(n - c + 1, n + 1))
    assert one(samples, k=k) == pytest.approx(formula, abs=1e-12)
    assert one(samples, k=k) == pytest.approx(product, abs=1e-12)


@given(right_and_wrong)
def test_more_tries_never_solve_less_and_a_single_one_is_the_mean(samples):
    tries = [one(samples, k=k) for k in range(1, len(samples) + 1)]
    assert tries == sorted(tries)
    assert tries[0] == pytest.approx(np.mean(samples))
    assert tries[-1] == max(samples)
    assert tries == [one(samples[::-1], k=k) for k in range(1, len(samples) + 1)]


def test_items_with_too_few_samples_are_undefined_and_the_others_are_not():
    sample_IK = np.array([[1.0, 0.0, NAN], [0.0, 0.0, 1.0], [NAN, NAN, NAN]])
    assert pass_at_k(sample_IK, k=2)[:2].tolist() == pytest.approx([1.0, 2 / 3])
    assert np.isnan(pass_at_k(sample_IK, k=3)).tolist() == [True, False, True]


def test_many_samples_overflow_nothing():
    samples = np.zeros((1, 3000))
    samples[0, 0] = 1.0
    assert pass_at_k(samples, k=1000)[0] == pytest.approx(1 / 3)


def test_no_try_and_graded_scores_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        pass_at_k(np.ones((1, 2)), k=0)
    with pytest.raises(ValueError, match="right or wrong"):
        pass_at_k(np.array([[0.5, 1.0]]), k=1)


def test_the_sizes_that_are_told_end_with_all_samples():
    assert [pass_sizes(n) for n in (0, 1, 2, 5, 8)] == [
        (),
        (1,),
        (1, 2),
        (1, 2, 4, 5),
        (1, 2, 4, 8),
    ]


def test_its_mean_over_items_is_an_unbiased_estimate():
    """Intervals of the mean hold the truth; taking the rate for the probability is off by far."""
    rng = np.random.default_rng(0)
    n_items, n, k, trials = 300, 6, 4, 400
    covered = 0
    naive = []
    for _ in range(trials):
        share_I = rng.beta(0.4, 1.2, size=n_items)
        sample_IK = (rng.random((n_items, n)) < share_I[:, None]).astype(float)
        found_I = pass_at_k(sample_IK, k=k)
        half = student.ppf(0.975, n_items - 1) * found_I.std(ddof=1) / math.sqrt(n_items)
        # E of (1 - p)^4 for a beta(0.4, 1.2)
        truth = 1 - math.prod((1.2 + j) / (1.6 + j) for j in range(k))
        covered += abs(found_I.mean() - truth) <= half
        naive.append((1 - (1 - sample_IK.mean(axis=1)) ** k).mean() - truth)
    assert binomtest(covered, trials, 0.95).pvalue > 0.001
    assert np.mean(naive) < -0.02
