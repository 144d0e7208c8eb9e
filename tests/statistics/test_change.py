"""The net change of paired scores."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit
from scipy.stats import binomtest, ttest_rel

from forgetscope.statistics import net_change, tango_interval


@st.composite
def studies(draw, values=(0.0, 1.0)):
    """Paired scores with clusters: (before, after, cluster)."""
    n = draw(st.integers(12, 60))
    score = st.lists(st.sampled_from(values), min_size=n, max_size=n).map(np.array)
    group = st.lists(st.integers(0, n - 1), min_size=n, max_size=n)
    cluster = np.unique(draw(group), return_inverse=True)[1]
    return draw(score), draw(score), cluster


any_study = st.one_of(studies(), studies(values=(0.0, 0.25, 0.7, 1.0)))


def ends(change, alpha=0.05):
    interval = change.interval(alpha)
    return interval.low, interval.high


def test_zero_one_scores_of_separate_items_take_tango():
    before, after = np.ones(300), np.ones(300)
    after[:30], before[30:42] = 0.0, 0.0
    change = net_change(before, after, np.arange(300))
    expected = tango_interval(30, 12, 300, alpha=0.025)
    assert ends(change, 0.025) == (expected.low, expected.high)
    assert change.interval(0.025).method == "tango"
    assert (change.fell, change.rose) == (30, 12)


def test_other_scores_of_separate_items_take_the_paired_t_interval():
    rng = np.random.default_rng(0)
    before, after = rng.random(80), rng.random(80)
    theirs = ttest_rel(after, before).confidence_interval(0.90)
    low, high = ends(net_change(before, after, np.arange(80)))
    # hardly skewed: one end is theirs, the other lies a little farther out
    assert low <= theirs.low + 1e-12
    assert theirs.high <= high + 1e-12
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=2e-3)


def test_zero_one_values_of_an_unbounded_metric_are_not_proportions():
    rng = np.random.default_rng(1)
    before, after = rng.integers(0, 2, size=(2, 60)).astype(float)
    change = net_change(before, after, np.arange(60), is_bounded=False)
    assert change.interval(0.05).method == "clustered t"


def test_clusters_that_agree_widen_the_interval():
    rng = np.random.default_rng(2)
    before, after = np.repeat(rng.integers(0, 2, size=(2, 60)), 5, axis=1).astype(float)
    apart = net_change(before, after, np.arange(300)).interval(0.05)
    together = net_change(before, after, np.repeat(np.arange(60), 5)).interval(0.05)
    assert together.method == "clustered tango"
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_unchanged_clusters_count_as_one_item_each():
    same = np.ones(400)
    change = net_change(same, same, np.repeat(np.arange(100), 4))
    t2 = stdtrit(99, 0.05) ** 2
    assert ends(change) == pytest.approx((-t2 / (100 + t2), t2 / (100 + t2)))


def test_fractions_that_all_change_alike_are_not_proved_to_the_last_digit():
    """No spread was seen, but items of another kind may be among those not seen."""
    change = net_change(np.full(15, 0.5), np.full(15, 0.4), np.arange(15))
    low, high = ends(change)
    assert low < -0.2 < -0.1 < high


def test_few_changed_fractions_prove_no_more_than_few_changed_answers():
    before = np.full(100, 0.5)
    after = before.copy()
    after[0] = 0.49
    assert ends(net_change(before, after, np.arange(100)))[0] < -0.02


def test_unbounded_scores_without_spread_have_no_interval():
    change = net_change(np.full(30, 2.0), np.full(30, 2.5), np.arange(30), is_bounded=False)
    assert math.isnan(ends(change)[0])
    assert change.p_value < 1e-8


def test_a_single_source_has_no_interval():
    change = net_change(np.ones(20), np.zeros(20), np.zeros(20, dtype=int))
    assert math.isnan(ends(change)[0])


@given(st.integers(0, 12), st.integers(0, 12), st.sampled_from([0.05, 0.01, 0.002]))
def test_where_few_changed_a_proven_loss_is_also_one_by_the_exact_test(lost, gained, alpha):
    n = 60
    before, after = np.ones(n), np.ones(n)
    after[:lost], before[lost : lost + gained] = 0.0, 0.0
    high = net_change(before, after, np.arange(n)).interval(alpha).high
    if 0 < lost + gained < 20 and high < 0:
        assert binomtest(gained, lost + gained, alternative="less").pvalue <= alpha


@given(any_study)
@settings(max_examples=50, deadline=None)
def test_swapping_the_sides_mirrors_everything(study):
    before, after, cluster = study
    one, other = net_change(before, after, cluster), net_change(after, before, cluster)
    assert other.p_value == pytest.approx(one.p_value, abs=1e-9)
    assert ends(other) == pytest.approx(tuple(-x for x in ends(one))[::-1], abs=1e-9, nan_ok=True)


@given(any_study, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_of_items_and_names_of_clusters_do_not_matter(study, random):
    before, after, cluster = study
    order = random.sample(range(len(before)), len(before))
    n_clusters = int(cluster.max()) + 1
    names = np.array(random.sample(range(n_clusters), n_clusters))
    one = net_change(before, after, cluster)
    other = net_change(before[order], after[order], names[cluster][order])
    assert other.p_value == pytest.approx(one.p_value, abs=1e-9)
    assert ends(other) == pytest.approx(ends(one), abs=1e-9, nan_ok=True)


@given(any_study)
@settings(max_examples=50, deadline=None)
def test_more_certainty_holds_less_certainty(study):
    change = net_change(*study)
    if change.n_clusters > 1:
        (low, high), (lower, higher) = ends(change, 0.05), ends(change, 0.005)
        assert lower <= low <= change.change + 1e-12 <= high + 2e-12 <= higher + 3e-12
        assert 0 < change.p_value <= 1


@given(studies())
@settings(max_examples=50, deadline=None)
def test_tied_items_never_change_the_test(study):
    before, after, cluster = study
    more = np.concatenate([cluster, cluster.max() + 1 + np.arange(5)])
    with_tied = net_change(np.append(before, np.ones(5)), np.append(after, np.ones(5)), more)
    assert with_tied.p_value == net_change(before, after, cluster).p_value


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        net_change(np.array([0.0, bad]), np.zeros(2), np.arange(2))


def test_bounded_scores_outside_their_range_are_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        net_change(np.array([0.0, 1.2]), np.zeros(2), np.arange(2))
