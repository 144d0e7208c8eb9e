"""Whether confidence means what it says."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu, norm
from sklearn.metrics import roc_auc_score  # lm-eval brings it

from forgetscope.statistics.calibration import (
    Confidence,
    auroc,
    auroc_change,
    expected_calibration_error,
)

sides = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]), st.sampled_from([0.0, 1.0])),
    min_size=1,
    max_size=80,
)


def columns(pairs):
    return tuple(np.array(pairs, dtype=float).T)


def answers(rng, n, noise=0.0, cluster_I=None):
    """Answers that are right as often as a hidden confidence says, shown with noise."""
    cluster_I = np.arange(n) if cluster_I is None else cluster_I
    hidden_I = rng.uniform(0.3, 1.0, size=n)
    luck_I = rng.random(cluster_I.max() + 1)[cluster_I]
    shown_I = np.clip(hidden_I + noise * rng.normal(size=n), 0.0, 1.0)
    return Confidence(value_I=shown_I, correct_I=(luck_I < hidden_I).astype(float))


def test_bins_of_two_items_show_their_gaps():
    confidence_I = np.array([0.9, 0.2, 0.6, 0.4])
    correct_I = np.array([1.0, 0.0, 0.0, 1.0])
    # (0.2, 0.4): half right, confidence 0.3; (0.6, 0.9): half right, confidence 0.75
    error = expected_calibration_error(confidence_I, correct_I, bins=2)
    assert error == pytest.approx((0.2 + 0.25) / 2, rel=1e-14)
    one_bin = expected_calibration_error(confidence_I, correct_I, bins=1)
    assert one_bin == pytest.approx(0.525 - 0.5, rel=1e-12)


@given(st.integers(1, 400), st.integers(1, 20), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_without_ties_error_is_that_of_a_literal_loop_over_bins(n, bins, seed):
    rng = np.random.default_rng(seed)
    confidence_I = rng.permutation(n) / n
    correct_I = (rng.random(n) < 0.6).astype(float)
    order = sorted(range(n), key=lambda i: confidence_I[i])
    n_bins = min(bins, n)
    edges = [b * n // n_bins for b in range(n_bins + 1)]
    error = 0.0
    for start, stop in pairwise(edges):
        members = order[start:stop]
        share = sum(correct_I[i] for i in members) / len(members)
        mean = sum(confidence_I[i] for i in members) / len(members)
        error += len(members) / n * abs(share - mean)
    found = expected_calibration_error(confidence_I, correct_I, bins=bins)
    assert found == pytest.approx(error, abs=1e-12)


@given(sides, st.randoms(use_true_random=False))
def test_order_of_the_items_never_matters_however_many_share_a_confidence(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    first, second = (expected_calibration_error(*columns(p)) for p in (pairs, shuffled))
    assert first == second
    both = [auroc(*columns(p)) for p in (pairs, shuffled)]
    assert both[0] == both[1] or np.isnan(both).all()


@given(sides)
def test_finer_bins_never_hide_an_error_and_all_errors_are_shares(pairs):
    """Four bins are halves of two, and two of one, where the items divide evenly."""
    pairs = pairs * 4
    error = [expected_calibration_error(*columns(pairs), bins=bins) for bins in (1, 2, 4)]
    assert 0.0 <= error[0] <= error[1] + 1e-12 <= error[2] + 2e-12 <= 1.0 + 3e-12


def test_one_confidence_for_all_is_as_wrong_as_its_mean():
    confidence_I, correct_I = np.full(100, 0.8), np.repeat([0.0, 1.0], 50)
    assert expected_calibration_error(confidence_I, correct_I) == pytest.approx(0.3, rel=1e-12)


def test_sure_and_right_is_perfect_and_sure_and_wrong_is_the_worst():
    assert expected_calibration_error(np.ones(40), np.ones(40)) == 0.0
    assert expected_calibration_error(np.ones(40), np.zeros(40)) == 1.0
    assert expected_calibration_error(np.array([0.3]), np.array([1.0])) == pytest.approx(0.7)


def test_no_item_has_no_calibration():
    none = np.array([])
    assert math.isnan(expected_calibration_error(none, none))
    assert math.isnan(auroc(none, none))


def test_a_perfectly_calibrated_model_shows_an_error_on_few_items():
    """What each bin shows by chance alone: sqrt(2 p (1 - p) bins / (pi n))."""
    rng = np.random.default_rng(41)
    for n, expected in ((100, 0.1545), (1_000, 0.0489), (20_000, 0.0109)):
        error = []
        for _ in range(60):
            confidence_I = rng.uniform(0.4999, 0.5001, size=n)
            correct_I = (rng.random(n) < 0.5).astype(float)
            error.append(expected_calibration_error(confidence_I, correct_I))
        assert math.sqrt(2 * 0.25 * 15 / (math.pi * n)) == pytest.approx(expected, abs=6e-5)
        assert np.mean(error) == pytest.approx(expected, rel=0.1)


def test_overconfidence_is_found_at_its_size():
    rng = np.random.default_rng(42)
    hidden_I = rng.uniform(0.3, 0.8, size=40_000)
    correct_I = (rng.random(40_000) < hidden_I).astype(float)
    error = expected_calibration_error(hidden_I + 0.2, correct_I)
    assert error == pytest.approx(0.2, abs=0.01)


@given(sides)
@settings(deadline=None)
def test_ranking_agrees_with_scikit_learn_and_with_pairs_counted_one_by_one(pairs):
    confidence_I, correct_I = columns(pairs)
    right, wrong = confidence_I[correct_I == 1], confidence_I[correct_I == 0]
    if not (len(right) and len(wrong)):
        assert math.isnan(auroc(confidence_I, correct_I))
        return
    wins = sum((r > w) + (r == w) / 2 for r in right for w in wrong)
    assert auroc(confidence_I, correct_I) == pytest.approx(wins / len(right) / len(wrong))
    expected = roc_auc_score(correct_I, confidence_I)
    assert auroc(confidence_I, correct_I) == pytest.approx(expected, abs=1e-12)


def test_ranking_is_the_statistic_of_mann_and_whitney():
    side = answers(np.random.default_rng(43), 300)
    right, wrong = side.value_I[side.correct_I == 1], side.value_I[side.correct_I == 0]
    expected = mannwhitneyu(right, wrong).statistic / len(right) / len(wrong)
    assert auroc(side.value_I, side.correct_I) == pytest.approx(expected, rel=1e-12)


@given(sides)
def test_ranking_turns_around_with_the_answers_and_not_with_the_scale(pairs):
    confidence_I, correct_I = columns(pairs)
    area = auroc(confidence_I, correct_I)
    if math.isnan(area):
        return
    assert auroc(confidence_I, 1 - correct_I) == pytest.approx(1 - area, abs=1e-12)
    assert auroc(np.sqrt(confidence_I), correct_I) == area


def test_change_of_ranking_is_that_of_both_sides():
    rng = np.random.default_rng(44)
    before, after = answers(rng, 300), answers(rng, 300, noise=0.3)
    found = auroc_change(before, after, np.arange(300), alpha=0.05, seed=0)
    areas = [auroc(side.value_I, side.correct_I) for side in (before, after)]
    assert (found.before, found.after) == pytest.approx(tuple(areas), rel=1e-12)
    assert found.change == pytest.approx(areas[1] - areas[0], abs=1e-12)
    assert found.interval.low < found.change < found.interval.high


def test_interval_of_a_ranking_agrees_with_resampling_items_one_by_one():
    """The same draws, written out item by item and ranked anew, give the same percentiles."""
    rng = np.random.default_rng(45)
    cluster_I = np.arange(60) // 2
    before = answers(rng, 60, cluster_I=cluster_I)
    after = answers(rng, 60, noise=0.3, cluster_I=cluster_I)
    before.value_I[:20] = after.value_I[:20] = 0.5  # ties
    draw_RG = np.random.default_rng(9).integers(0, 30, size=(2_000, 30))
    change = []
    for draw_G in draw_RG:
        item = np.concatenate([np.flatnonzero(cluster_I == g) for g in draw_G])
        one, two = (auroc(s.value_I[item], s.correct_I[item]) for s in (before, after))
        change.append(two - one)
    found = auroc_change(before, after, cluster_I, alpha=0.05, seed=9)
    inside = np.mean([found.interval.low <= c <= found.interval.high for c in change])
    assert found.interval.method == "bootstrap BCa"
    low, high = np.quantile(change, [0.05, 0.95])
    assert found.interval.low == pytest.approx(low, abs=0.25 * (high - low))
    assert found.interval.high == pytest.approx(high, abs=0.25 * (high - low))
    assert inside == pytest.approx(0.9, abs=0.03)


def test_identical_sides_have_no_change_and_no_interval():
    side = answers(np.random.default_rng(46), 100)
    found = auroc_change(side, side, np.arange(100), alpha=0.05, seed=0)
    assert found.change == 0.0
    assert math.isnan(found.interval.low)


def test_a_side_without_a_wrong_answer_has_no_ranking_to_change():
    before = answers(np.random.default_rng(47), 50)
    after = Confidence(value_I=before.value_I, correct_I=np.ones(50))
    found = auroc_change(before, after, np.arange(50), alpha=0.05, seed=0)
    assert math.isnan(found.change)
    assert math.isnan(found.interval.high)


def test_two_thousand_items_take_seconds_not_minutes():
    rng = np.random.default_rng(48)
    before, after = answers(rng, 2_000), answers(rng, 2_000, noise=0.2)
    start = time.process_time()
    auroc_change(before, after, np.arange(2_000), alpha=0.05, seed=0, draws=1_000)
    assert time.process_time() - start < 4.0  # half of it on an idle machine


@pytest.mark.parametrize(
    ("confidence", "correct", "fault"),
    [
        ([0.5, 1.2], [0.0, 1.0], r"confidences must lie in \[0, 1\]"),
        ([0.5, math.nan], [0.0, 1.0], r"confidences must lie in \[0, 1\]"),
        ([0.5, 0.5], [0.0, 2.0], r"scores must lie in \[0, 1\]"),
        ([0.5], [0.0, 1.0], "1 confidences of 2 answers"),
    ],
)
def test_what_is_no_confidence_is_refused(confidence, correct, fault):
    for measure in (expected_calibration_error, auroc):
        with pytest.raises(ValueError, match=fault):
            measure(np.array(confidence), np.array(correct))


def test_rankings_need_answers_that_are_right_or_wrong():
    with pytest.raises(ValueError, match="0 or 1"):
        auroc(np.array([0.5, 0.6]), np.array([0.5, 1.0]))
    with pytest.raises(ValueError, match="0 or 1"):
        Confidence(value_I=np.array([0.5, 0.6]), correct_I=np.array([0.5, 1.0]))
    with pytest.raises(ValueError, match="at least one bin"):
        expected_calibration_error(np.array([0.5]), np.array([1.0]), bins=0)
    side = answers(np.random.default_rng(49), 10)
    with pytest.raises(ValueError, match="10 and 10 items for 9"):
        auroc_change(side, side, np.arange(9), alpha=0.05, seed=0)


def covered(n_clusters, trials, seed):
    """How many 90 % intervals contain the change of ranking of the population."""
    rng = np.random.default_rng(seed)

    def study(clusters):
        cluster_I = np.arange(4 * clusters) // 4
        return (
            answers(rng, 4 * clusters, cluster_I=cluster_I),
            answers(rng, 4 * clusters, noise=0.2, cluster_I=cluster_I),
            cluster_I,
        )

    before, after, _ = study(200_000)
    truth = auroc(after.value_I, after.correct_I) - auroc(before.value_I, before.correct_I)
    hits = 0
    for trial in range(trials):
        interval = auroc_change(*study(n_clusters), alpha=0.05, seed=trial).interval
        hits += interval.low <= truth <= interval.high
    return hits


def not_below(hits, trials, target):
    return binomtest(hits, trials, target, alternative="less").pvalue > norm.sf(3)


def test_intervals_contain_the_true_change_of_ranking_as_often_as_they_say():
    assert not_below(covered(50, 60, seed=50), 60, 0.88)


@pytest.mark.slow
@pytest.mark.parametrize("n_clusters", [40, 120])
def test_in_the_long_run_intervals_contain_the_true_change_of_ranking(n_clusters):
    assert not_below(covered(n_clusters, 1_000, seed=51), 1_000, 0.88)
