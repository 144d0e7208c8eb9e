"""Guessing taken out of lost and gained."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.statistics import clustered_mean
from forgetscope.statistics.chance import corrected_transitions

ALPHA = 0.05


def items(lost, gained, wrong, same, *, n, k=4):
    """Items in four groups; `same` of the `wrong` ones chose one option twice."""
    kept = n - lost - gained - wrong
    before = np.repeat([1.0, 0.0, 0.0, 1.0], [lost, gained, wrong, kept])
    after = np.repeat([0.0, 1.0, 0.0, 1.0], [lost, gained, wrong, kept])
    flag = np.full(n, np.nan)
    flag[lost + gained : lost + gained + wrong] = np.arange(wrong) < same
    return before, after, np.full(n, k), np.arange(n), flag


def corrected(before, after, k, cluster, flag=None):
    return corrected_transitions(before, after, k, cluster, alpha=ALPHA, same_wrong_I=flag)


def expected(k, q, lost, *, known=0.5, n=10_000_000):
    """Counts of the model's expectation, for a share of known items of which some are lost."""
    g = 1 / k
    unknown = 1 - known
    o10 = lost * (1 - g) + unknown * g * (1 - q) * (1 - g)
    o01 = unknown * (1 - g) * (1 - q) * g
    o00 = unknown * (1 - g) * (q + (1 - q) * (1 - g))
    same = unknown * (1 - g) * (q + (1 - q) * g)
    return items(*(round(n * o) for o in (o10, o01, o00, same)), n=n, k=k)


def simulated(rng, *, n, k, q, lost, known=0.5):
    """A model that knows or guesses, twice; option 0 is right."""
    k = np.broadcast_to(k, n)
    place = rng.permutation(n) / n
    first, again = rng.integers(0, k), rng.integers(0, k)
    is_unknown = place >= known
    before = np.where(is_unknown, first, 0)
    second = np.where(is_unknown & (rng.random(n) < q), first, again)
    after = np.where(is_unknown | (place < lost), second, 0)
    same = np.where((before > 0) & (after > 0), before == after, np.nan)
    return (before == 0) * 1.0, (after == 0) * 1.0, k, np.arange(n), same


@pytest.mark.parametrize(
    ("counts", "q", "lost", "published", "bounds"),
    [
        ((3, 3, 21, 15, 64), 0.5, 0.0, (0.0, 0.0), (-0.08333, 0.06250)),
        ((39, 27, 81, 27, 320), 0.0, 0.05, (0.07969, 0.04219), (0.05, 0.1625)),
        ((51, 27, 189, 135, 640), 0.5, 0.05, (0.0375, 0.0), None),
    ],
)
def test_worked_examples_with_four_options(counts, q, lost, published, bounds):
    seen = corrected(*items(*counts[:4], n=counts[4]))
    assert seen.copying == pytest.approx(q, abs=1e-9)
    assert seen.lost.value == pytest.approx(lost, abs=1e-9)
    assert seen.gained.value == pytest.approx(0.0, abs=1e-9)
    assert (seen.published_lost, seen.published_gained) == pytest.approx(published, abs=6e-6)
    if bounds:
        assert (seen.lost_low, seen.lost_high) == pytest.approx(bounds, abs=6e-6)


def test_published_chance_flips_of_its_worked_example():
    """80 % right before and 70 % after with four options: two points by chance."""
    seen = corrected(*items(15, 5, 15, 5, n=100))
    assert seen.published_chance == pytest.approx(0.02)
    assert seen.published_lost == pytest.approx(0.13)
    assert seen.published_gained == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("lost", "published"), [(0.0, (0.047, 0.0, 0.0)), (0.05, (0.080, 0.038, 0.004))]
)
def test_the_published_estimate_is_biased_where_knowledge_persists_and_ours_is_not(lost, published):
    for q, theirs in zip((0.0, 0.5, 0.9), published, strict=True):
        seen = corrected(*expected(4, q, lost, known=0.5 + lost, n=1_000_000))
        assert seen.published_lost == pytest.approx(theirs, abs=5e-4)
        assert seen.lost.value == pytest.approx(lost, abs=1e-5)
        assert seen.copying == pytest.approx(q, abs=1e-4)


def test_two_options_allow_bounds_only():
    before, after, k, cluster, flag = expected(2, 0.0, 0.0, n=100_000)
    seen = corrected(before, after, k, cluster, flag)
    assert seen.published_lost == pytest.approx(0.0625)
    assert math.isnan(seen.lost.value)
    assert math.isnan(seen.copying)
    assert math.isnan(seen.retention)
    assert (seen.lost_low, seen.lost_high) == pytest.approx((0.0, 0.25))


def test_without_choices_or_without_items_wrong_twice_there_are_bounds_only():
    before, after, k, cluster, _flag = items(5, 3, 20, 10, n=60)
    nobody = items(5, 3, 0, 0, n=60)
    for seen in (
        corrected(before, after, k, cluster),
        corrected(before, after, k, cluster, np.full(60, np.nan)),
        corrected(*nobody),
    ):
        assert math.isnan(seen.lost.value)
        assert math.isnan(seen.lost.low)
        assert seen.lost_low <= seen.lost_high
    assert corrected(*nobody).lost_low == pytest.approx(5 / 60 * 4 / 3)


def test_fewer_repeats_than_chance_make_the_losses_no_larger():
    """Losses all by chance, with an unlucky count of repeats: nothing is cut off at zero."""
    seen = corrected(*items(3, 30, 60, 10, n=120))
    assert seen.copying == 0.0
    assert seen.lost.value < seen.lost_low < 0.0


def test_copying_is_complete_where_every_wrong_option_is_repeated():
    seen = corrected(*items(6, 2, 30, 30, n=100))
    assert seen.copying == 1.0
    assert seen.lost.value == pytest.approx(seen.lost_high) == pytest.approx(0.08)


def test_one_common_copying_serves_items_of_different_numbers_of_options():
    """Three populations of the model in one, with the same q and different losses."""
    parts = [expected(k, 0.4, lost, n=200_000) for k, lost in ((3, 0.0), (4, 0.06), (10, 0.03))]
    before, after, k, _, flag = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    seen = corrected(before, after, k, np.arange(600_000), flag)
    assert seen.copying == pytest.approx(0.4, abs=1e-3)
    assert seen.lost.value == pytest.approx(0.03, abs=1e-4)
    assert seen.gained.value == pytest.approx(0.0, abs=1e-4)


def test_two_options_lend_their_items_and_borrow_the_copying():
    parts = [expected(2, 0.4, 0.02, n=100_000), expected(5, 0.4, 0.04, n=100_000)]
    before, after, k, _, flag = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    seen = corrected(before, after, k, np.arange(200_000), flag)
    assert seen.copying == pytest.approx(0.4, abs=1e-3)
    assert seen.lost.value == pytest.approx(0.03, abs=2e-4)


def test_published_chance_is_taken_within_equal_numbers_of_options():
    parts = [items(15, 5, 15, 5, n=100, k=4), items(10, 10, 30, 10, n=300, k=3)]
    before, after, k, _, flag = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    seen = corrected(before, after, k, np.arange(400), flag)
    chance_3 = (40 / 300) * (40 / 300) / 2
    assert seen.published_chance == pytest.approx((100 * 0.02 + 300 * chance_3) / 400)


def test_known_items_and_retention():
    before, after, k, cluster, flag = expected(4, 0.5, 0.05, n=100_000)
    seen = corrected(before, after, k, cluster, flag)
    assert seen.known_before.value == pytest.approx(0.5, abs=1e-4)
    assert seen.known_after.value == pytest.approx(0.45, abs=1e-4)
    assert seen.retention == pytest.approx(0.9, abs=1e-3)
    assert seen.known_before.low < 0.5 < seen.known_before.high


def test_a_base_at_chance_retains_nothing_that_could_be_measured():
    seen = corrected(*expected(4, 0.0, 0.0, known=0.0, n=1_600))
    assert seen.known_before.value == pytest.approx(0.0, abs=1e-3)
    assert math.isnan(seen.retention)


def test_impossible_items_are_refused():
    ones, cluster = np.ones(2), np.arange(2)
    with pytest.raises(ValueError, match="at least 2 options, not 1"):
        corrected(ones, ones, np.array([4, 1]), cluster)
    with pytest.raises(ValueError, match="0 or 1"):
        corrected(0.5 * ones, ones, np.array([4, 4]), cluster)
    with pytest.raises(ValueError, match="flags"):
        corrected(0 * ones, 0 * ones, np.array([4, 4]), cluster, 0.5 * ones)


def test_no_items_and_one_cluster_are_undefined():
    empty = np.zeros(0)
    seen = corrected(empty, empty, np.zeros(0, dtype=int), np.zeros(0, dtype=int), empty)
    assert math.isnan(seen.lost_low)
    assert math.isnan(seen.published_lost)
    before, after, k, _, flag = items(5, 3, 20, 10, n=60)
    single = corrected(before, after, k, np.zeros(60, dtype=int), flag)
    assert not math.isnan(single.lost.value)
    assert math.isnan(single.lost.low)


choices = st.lists(
    st.tuples(st.integers(2, 6), st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=50
)


def chosen(rows):
    k, first, second = np.array(rows).T
    first, second = first % k, second % k
    both = (first > 0) & (second > 0)
    same = np.where(both, first == second, np.nan)
    return (first == 0) * 1.0, (second == 0) * 1.0, k, np.arange(len(k)) // 2, same


@given(choices)
def test_lost_minus_gained_does_not_depend_on_the_copying(rows):
    before, after, k, cluster, flag = chosen(rows)
    seen = corrected(before, after, k, cluster, flag)
    net = ((before - after) * k / (k - 1)).mean()
    assert seen.lost_low - seen.gained_low == pytest.approx(net)
    assert seen.lost_high - seen.gained_high == pytest.approx(net)
    assert seen.known_before.value - seen.known_after.value == pytest.approx(net)
    if not math.isnan(seen.lost.value):
        assert seen.lost.value - seen.gained.value == pytest.approx(net)


@given(choices)
def test_swapping_the_sides_swaps_lost_and_gained(rows):
    before, after, k, cluster, flag = chosen(rows)
    one = corrected(before, after, k, cluster, flag)
    other = corrected(after, before, k, cluster, flag)
    for field in ("value", "low", "high"):
        mine, theirs = getattr(one.lost, field), getattr(other.gained, field)
        assert mine == pytest.approx(theirs, nan_ok=True)
    assert one.copying == pytest.approx(other.copying, nan_ok=True)


@given(st.integers(3, 8), st.integers(1, 80), st.data())
def test_the_common_copying_of_one_number_of_options_is_the_closed_form(k, wrong, data):
    same = data.draw(st.integers(0, wrong))
    seen = corrected(*items(3, 2, wrong, same, n=wrong + 10, k=k))
    g, s = 1 / k, same / wrong
    closed = (s * (1 - g) - g) / (1 - g - s * g)
    assert seen.copying == pytest.approx(min(max(closed, 0.0), 1.0), abs=1e-9)
    r = g * (1 - closed) / ((1 - g) + closed * g)
    assert seen.lost.value == pytest.approx((3 - r * wrong) / (wrong + 10) / (1 - g), abs=1e-9)


@given(choices)
def test_the_estimate_falls_between_the_bounds_unless_copying_came_out_negative(rows):
    seen = corrected(*chosen(rows))
    assume(not math.isnan(seen.lost.value))
    assume(seen.copying > 0)
    assert seen.lost_low - 1e-12 <= seen.lost.value <= seen.lost_high + 1e-12
    assert seen.gained_low - 1e-12 <= seen.gained.value <= seen.gained_high + 1e-12


def test_the_interval_counts_the_uncertainty_of_the_copying():
    """Bootstrap of items, the copying estimated anew each time, against the first-order error."""
    rng = np.random.default_rng(5)
    before, after, k, cluster, flag = simulated(rng, n=1_500, k=4, q=0.3, lost=0.05)
    values = []
    for _ in range(400):
        row = rng.integers(0, 1_500, size=1_500)
        again = corrected(before[row], after[row], k[row], cluster, flag[row])
        values.append(again.lost.value)
    seen = corrected(before, after, k, cluster, flag)
    error = (seen.lost.high - seen.lost.low) / (2 * 1.646)
    assert error == pytest.approx(np.std(values), rel=0.10)
    # with r taken as known the error would be smaller
    r = (0.25 * (1 - seen.copying)) / (0.75 + 0.25 * seen.copying)
    fixed = clustered_mean(((before > after) - r * (before + after == 0)) / 0.75, cluster)
    assert fixed.standard_error < 0.95 * error


def biases(rng, *, trials, n, k, q, lost):
    found = np.array(
        [
            (seen.lost.value - lost, seen.lost.low > lost, seen.lost.high < lost)
            for seen in (
                corrected(*simulated(rng, n=n, k=k, q=q, lost=lost)) for _ in range(trials)
            )
        ]
    )
    return found[:, 0], found[:, 1].sum() + found[:, 2].sum()


def test_simulated_losses_are_found_without_bias():
    rng = np.random.default_rng(11)
    mixed = np.resize([3, 4, 5, 10], 1_000)
    error, _ = biases(rng, trials=120, n=1_000, k=mixed, q=0.5, lost=0.05)
    assert abs(error.mean()) < 0.003
    error, _ = biases(rng, trials=120, n=3_000, k=3, q=0.0, lost=0.05)
    assert abs(error.mean()) < 0.003


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 4, 5, 10])
@pytest.mark.parametrize("q", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("lost", [0.0, 0.05, 0.10])
def test_lost_knowledge_is_unbiased_and_its_interval_holds(k, q, lost):
    rng = np.random.default_rng([k, int(10 * q), int(100 * lost)])
    error, misses = biases(rng, trials=1_500, n=1_000, k=k, q=q, lost=lost)
    assert abs(error.mean()) < 0.003
    # two ends at 5 % each; two points are tolerated, as of every interval here
    assert binomtest(int(misses), 1_500, 0.12, alternative="greater").pvalue > 0.001


@pytest.mark.slow
def test_clusters_and_mixed_options_leave_the_interval_true():
    """Every question asked in two to six wordings that share one fate of knowledge and guesses."""
    rng = np.random.default_rng(41)
    missed, errors = 0, []
    for _ in range(1_500):
        k = rng.choice([3, 4, 5], size=250)
        columns = simulated(rng, n=250, k=k, q=0.4, lost=0.04)
        wordings = np.repeat(np.arange(250), rng.permutation(np.resize([2, 3, 4, 5, 6], 250)))
        seen = corrected(*(column[wordings] for column in columns))
        errors.append(seen.lost.value - 0.04)
        missed += not seen.lost.low <= 0.04 <= seen.lost.high
    assert abs(np.mean(errors)) < 0.003
    assert binomtest(missed, 1_500, 0.12, alternative="greater").pvalue > 0.001
