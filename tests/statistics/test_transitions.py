"""Gross transitions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from statsmodels.stats.proportion import proportion_confint

from forgetscope.statistics.transitions import transitions

pairs = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60).map(
    lambda rows: np.array(rows, dtype=float).T
)


def items(n11, n10, n01, n00):
    before = np.repeat([1.0, 1.0, 0.0, 0.0], [n11, n10, n01, n00])
    after = np.repeat([1.0, 0.0, 1.0, 0.0], [n11, n10, n01, n00])
    return before, after, np.arange(len(before))


def bounds(share):
    return share.low, share.high


SHARES = ("lost", "gained", "churn", "lost_of_known", "lost_of_changed", "wrong_to_other_wrong")


def test_the_four_transitions_are_counted():
    seen = transitions(*items(70, 12, 6, 12), alpha=0.05)
    assert (seen.n11, seen.n10, seen.n01, seen.n00) == (70, 12, 6, 12)
    assert seen.lost.value == 0.12
    assert seen.gained.value == 0.06
    assert seen.churn.value == 0.18
    assert seen.lost_of_known.value == pytest.approx(12 / 82)
    assert seen.lost_of_changed.value == pytest.approx(12 / 18)


def test_intervals_of_another_library_agree():
    seen = transitions(*items(70, 12, 6, 12), alpha=0.025)
    for share, count, n in (
        (seen.lost, 12, 100),
        (seen.gained, 6, 100),
        (seen.churn, 18, 100),
        (seen.lost_of_known, 12, 82),
    ):
        assert bounds(share) == pytest.approx(proportion_confint(count, n, method="wilson"))
    assert bounds(seen.lost_of_changed) == pytest.approx(proportion_confint(12, 18, method="beta"))


def test_the_odds_exclude_even_ones_exactly_when_mcnemar_does():
    for lost, gained in ((12, 5), (13, 4), (20, 6), (9, 1), (8, 1)):
        seen = transitions(*items(20, lost, gained, 20), alpha=0.025).lost_of_changed
        p = binomtest(lost, lost + gained, alternative="greater").pvalue
        assert (seen.low > 0.5) == (p < 0.025)


@pytest.mark.parametrize("count", [1, 4])
def test_few_losses_get_the_exact_interval(count):
    seen = transitions(*items(50, count, 10, 40 - count), alpha=0.05).lost
    exact = beta.ppf([0.05, 0.95], [count, count + 1], [101 - count, 100 - count])
    assert bounds(seen) == pytest.approx(tuple(exact))


@pytest.mark.parametrize("n", [1, 10, 300])
def test_without_a_loss_about_three_in_n_cannot_be_excluded(n):
    seen = transitions(*items(n, 0, 0, 0), alpha=0.05)
    assert bounds(seen.lost) == (0.0, pytest.approx(1 - 0.05 ** (1 / n)))


def test_shares_of_nothing_are_undefined():
    seen = transitions(*items(0, 0, 0, 10), alpha=0.05)
    for share in (seen.lost_of_known, seen.lost_of_changed, seen.wrong_to_other_wrong):
        assert math.isnan(share.value)
        assert math.isnan(share.low)
        assert math.isnan(share.high)
    empty = transitions(*items(0, 0, 0, 0), alpha=0.05)
    assert math.isnan(empty.lost.value)
    assert math.isnan(empty.lost.high)


def test_only_known_choices_of_items_wrong_both_times_count_as_another_wrong_answer():
    before, after, cluster = items(2, 1, 1, 6)
    first = np.array([0, 0, 0, 1, 1, 1, 2, 3, -1, 2])
    second = np.array([0, 1, 1, 0, 1, 2, 2, 2, 1, -1])
    seen = transitions(
        before, after, cluster, alpha=0.05, choice_before_I=first, choice_after_I=second
    ).wrong_to_other_wrong
    assert seen.value == 0.5  # of (1,1) (1,2) (2,2) (3,2)
    assert bounds(seen) == pytest.approx(proportion_confint(2, 4, alpha=0.10, method="beta"))


def test_items_that_always_move_together_count_as_one():
    """Each item copied four times into its cluster: the intervals are those of single items."""
    before, after, cluster = items(60, 20, 8, 12)
    single = transitions(before, after, cluster, alpha=0.05)
    copied = transitions(*(np.repeat(x, 4) for x in (before, after, cluster)), alpha=0.05)
    for name in ("lost", "gained", "churn", "lost_of_known", "lost_of_changed"):
        one, four = getattr(single, name), getattr(copied, name)
        assert four.value == one.value
        # SE of single items has n - 1 in it, and clusters take Student's quantile: nearly the same
        assert bounds(four) == pytest.approx(bounds(one), abs=0.012)


def test_where_nothing_was_lost_clusters_count_as_items():
    ones = np.ones(40)
    seen = transitions(ones, ones, np.repeat(np.arange(10), 4), alpha=0.05).lost
    assert seen.high == pytest.approx(1 - 0.05 ** (1 / 10))


def test_one_cluster_has_shares_but_no_intervals():
    before, after, _ = items(3, 2, 1, 1)
    seen = transitions(before, after, np.zeros(7, dtype=int), alpha=0.05)
    assert seen.lost.value == pytest.approx(2 / 7)
    assert math.isnan(seen.lost.low)
    assert math.isnan(seen.lost.high)


def test_graded_scores_have_no_transitions():
    with pytest.raises(ValueError, match="0 or 1"):
        transitions(np.array([0.5]), np.array([1.0]), np.array([0]), alpha=0.05)
    with pytest.raises(ValueError, match="0 or 1"):
        transitions(np.array([np.nan]), np.array([1.0]), np.array([0]), alpha=0.05)


@given(pairs)
def test_swapping_the_sides_swaps_lost_and_gained(pair):
    before, after = pair
    cluster = np.arange(len(before)) // 2
    one = transitions(before, after, cluster, alpha=0.05)
    other = transitions(after, before, cluster, alpha=0.05)
    assert (one.n10, one.n01, one.n11, one.n00) == (other.n01, other.n10, other.n11, other.n00)
    np.testing.assert_equal(bounds(one.lost), bounds(other.gained))
    np.testing.assert_equal(bounds(one.churn), bounds(other.churn))


@given(pairs, st.randoms())
def test_neither_order_nor_names_of_clusters_matter(pair, random):
    before, after = pair
    order = np.array(random.sample(range(len(before)), len(before)))
    cluster = np.arange(len(before)) // 3
    one = transitions(before, after, cluster, alpha=0.05)
    other = transitions(before[order], after[order], 7 * cluster[order] + 2, alpha=0.05)
    for name in SHARES:
        np.testing.assert_allclose(bounds(getattr(one, name)), bounds(getattr(other, name)))


@given(pairs)
def test_every_share_lies_in_its_interval_and_the_net_change_is_their_difference(pair):
    before, after = pair
    seen = transitions(before, after, np.arange(len(before)), alpha=0.05)
    assert seen.gained.value - seen.lost.value == pytest.approx((after - before).mean())
    assert seen.gained.value + seen.lost.value == pytest.approx(seen.churn.value)
    for name in SHARES:
        share = getattr(seen, name)
        if not math.isnan(share.value):
            assert 0.0 <= share.low <= share.value + 1e-12
            assert share.value - 1e-12 <= share.high <= 1.0


def test_few_clusters_are_trusted_less_than_many_with_the_same_effect():
    """Ten clusters in which half are lost; a hundred of them have the same design effect."""
    before, after = np.ones(80), np.repeat([0.0, 1.0], 40)
    few = transitions(before, after, np.repeat(np.arange(10), 8), alpha=0.05).lost
    n_star = 9 * (1.6448536 / 1.8331129) ** 2  # SE^2 of clusters is 1/36, of items 1/316
    n_star *= 80 / 79
    assert bounds(few) == pytest.approx(
        proportion_confint(n_star / 2, n_star, alpha=0.10, method="beta"), abs=1e-6
    )


LOSS, GAIN = 0.10, 0.05
TRUE = {"lost": 0.10, "churn": 0.15, "lost_of_known": 0.10 / 0.525, "lost_of_changed": 2 / 3}


def clustered(rng, n_clusters, size):
    """Half of the items do as their cluster does."""
    still = (1 - LOSS - GAIN) / 2
    p = [LOSS, GAIN, still, still]
    own = rng.choice(4, size=(n_clusters, size), p=p)
    shared = np.broadcast_to(rng.choice(4, size=(n_clusters, 1), p=p), own.shape)
    kind = np.where(rng.random(own.shape) < 0.5, shared, own).ravel()
    before, after = np.isin(kind, (0, 2)) * 1.0, np.isin(kind, (1, 2)) * 1.0
    return before, after, np.repeat(np.arange(n_clusters), size)


def misses(rng, n_clusters, size, *, trials):
    """How often each 90 % interval misses its true share."""
    missed = dict.fromkeys(TRUE, 0)
    for _ in range(trials):
        seen = transitions(*clustered(rng, n_clusters, size), alpha=0.05)
        for name, true in TRUE.items():
            share = getattr(seen, name)
            missed[name] += not share.low <= true <= share.high
    return missed


def test_intervals_hold_the_true_shares_of_separate_items():
    for missed in misses(np.random.default_rng(1), 200, 1, trials=300).values():
        assert binomtest(missed, 300, 0.12, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize(("n_clusters", "size"), [(200, 1), (1000, 1), (40, 8), (120, 8)])
def test_intervals_hold_the_true_shares_of_clustered_items(n_clusters, size):
    rng = np.random.default_rng([n_clusters, size])
    for missed in misses(rng, n_clusters, size, trials=2_000).values():
        assert binomtest(missed, 2_000, 0.12, alternative="greater").pvalue > 0.001
