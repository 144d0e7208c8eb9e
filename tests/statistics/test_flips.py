"""The sign-flip test."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, permutation_test
from statsmodels.stats.contingency_tables import mcnemar

from forgetscope.statistics import sign_flip_test

whole_sums = st.lists(st.integers(-6, 6), min_size=1, max_size=40).map(
    lambda sums: np.array(sums, dtype=float)
)


def signs(lost, gained, tied=0):
    return np.concatenate([-np.ones(lost), np.ones(gained), np.zeros(tied)])


def by_brute_force(sums):
    """p-value, p_loss, p_gain by writing out every sign."""
    total = sums.sum()
    flipped = np.array([s @ np.abs(sums) for s in itertools.product([-1.0, 1.0], repeat=len(sums))])
    return (
        (np.abs(flipped) >= abs(total) - 1e-9).mean(),
        (flipped <= total + 1e-9).mean(),
        (flipped >= total - 1e-9).mean(),
    )


def test_mcnemar_worked_example():
    test = sign_flip_test(signs(12, 5), seed=0)
    assert test.p_value == pytest.approx(0.143463, abs=6e-7)
    assert test.p_loss == pytest.approx(0.071732, abs=6e-7)


def test_clustered_worked_example():
    test = sign_flip_test(np.array([-2.0, 1.0, -1.0, 0.0]), seed=0)
    assert test.p_value == 0.75
    assert test.p_loss == 0.375


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_equal_magnitudes_are_a_binomial_test_at_any_size(lost, gained):
    test = sign_flip_test(signs(lost, gained) * 0.3, seed=0)
    assert test.n_draws == 0
    if lost + gained:
        for alternative, ours in (("two-sided", test.p_value), ("less", test.p_loss)):
            theirs = binomtest(gained, lost + gained, alternative=alternative).pvalue
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-250)


@pytest.mark.parametrize(("lost", "gained"), [(12, 5), (0, 7), (40, 41), (150, 86)])
def test_mcnemar_of_another_library_agrees(lost, gained):
    theirs = mcnemar([[10, lost], [gained, 10]], exact=True).pvalue
    assert sign_flip_test(signs(lost, gained), seed=0).p_value == pytest.approx(theirs)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=10).map(np.array))
def test_enumeration_is_every_sign_written_out(sums):
    sums = np.round(sums, 3)
    test = sign_flip_test(sums, seed=0)
    assert (test.p_value, test.p_loss, test.p_gain) == pytest.approx(by_brute_force(sums))


def by_counting(sums):
    """The two-sided p-value from exact whole-number counts of every possible sum."""
    ways = Counter({0: 1})
    for size in np.abs(sums).astype(int).tolist():
        longer = Counter()
        for total, count in ways.items():
            longer[total - size] += count
            longer[total + size] += count
        ways = longer
    extreme = sum(count for total, count in ways.items() if abs(total) >= abs(sums.sum()))
    return extreme / 2 ** len(sums)


@pytest.mark.parametrize("n_clusters", [20, 21, 40, 300])
@pytest.mark.parametrize("drift", [0, 1])
def test_whole_numbers_are_counted_exactly_whatever_the_number_of_clusters(n_clusters, drift):
    rng = np.random.default_rng(n_clusters)
    sums = rng.choice([-4.0, -3.0, -1.0, 1.0, 2.0, 5.0], size=n_clusters)
    sums[: drift * n_clusters // 5] = -4.0
    test = sign_flip_test(sums, seed=0)
    assert test.method == ("exact enumeration" if n_clusters <= 20 else "exact convolution")
    assert test.p_value == pytest.approx(by_counting(sums), rel=1e-9)


def test_the_switch_from_enumeration_keeps_the_answer():
    """Twenty clusters are enumerated, twenty-one convolved; a negligible one changes nothing."""
    sums = np.array([3.0] * 8 + [-2.0] * 9 + [1.0] * 3)
    twenty = sign_flip_test(sums, seed=0)
    many = sign_flip_test(np.concatenate([sums * 1_000, [1.0]]), seed=0)
    assert (twenty.method, many.method) == ("exact enumeration", "exact convolution")
    # the small cluster only splits ties in two
    assert abs(many.p_value - twenty.p_value) <= _tie_probability(sums)


def _tie_probability(sums):
    flipped = np.zeros(1)
    for size in np.abs(sums):
        flipped = np.concatenate([flipped - size, flipped + size])
    return (np.abs(flipped) == abs(sums.sum())).mean()


def test_sampled_p_value_agrees_with_another_implementation():
    sums = np.random.default_rng(8).normal(0.15, 1.0, size=150)
    theirs = permutation_test(
        (sums,),
        lambda x, axis: x.sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(9),
    ).pvalue
    ours = sign_flip_test(sums, seed=0)
    assert ours.method == "sampled"
    assert ours.p_value == pytest.approx(theirs, abs=5 * np.sqrt(theirs * (1 - theirs) / 9_999))


def test_repeated_fractions_are_sampled_with_the_right_spread():
    """Half of the magnitudes equal (drawn as one binomial), half not (drawn sign by sign)."""
    rng = np.random.default_rng(10)
    sums = np.concatenate([np.full(100, 0.5), rng.random(100) + 0.1]) * rng.choice([-1, 1], 200)
    test = sign_flip_test(sums, seed=0)
    z = sums.sum() / np.sqrt((sums**2).sum())
    assert test.p_loss == pytest.approx(norm.cdf(z), abs=0.02)


def test_same_seed_gives_the_same_answer_whatever_the_order():
    sums = np.random.default_rng(1).normal(size=101)
    shuffled = np.random.default_rng(2).permutation(sums)
    assert sign_flip_test(sums, seed=5) == sign_flip_test(shuffled, seed=5)


@given(whole_sums)
def test_p_values_are_probabilities_that_cover_all_cases(sums):
    test = sign_flip_test(sums, seed=0)
    for p in (test.p_value, test.p_loss, test.p_gain):
        assert 0.0 < p <= 1.0
    assert test.p_loss + test.p_gain >= 1.0 - 1e-9
    assert test.p_value <= 2 * min(test.p_loss, test.p_gain) + 1e-9


@given(whole_sums, st.integers(0, 50))
def test_clusters_that_do_not_change_never_change_the_test(sums, tied):
    assert sign_flip_test(np.concatenate([sums, np.zeros(tied)]), seed=0) == sign_flip_test(
        sums, seed=0
    )


@given(whole_sums)
def test_swapping_the_sides_swaps_loss_and_gain(sums):
    one, other = sign_flip_test(sums, seed=0), sign_flip_test(-sums, seed=0)
    assert other.p_value == pytest.approx(one.p_value)
    assert other.p_loss == pytest.approx(one.p_gain)


def test_nothing_changed_is_no_evidence():
    test = sign_flip_test(np.zeros(7), seed=0)
    assert (test.p_value, test.p_loss, test.p_gain, test.n_changed) == (1.0, 1.0, 1.0, 0)
