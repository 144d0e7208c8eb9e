"""Evidence that may be looked at after every item."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, binomtest, norm

from forgetscope.statistics.anytime import (
    Wager,
    anytime_p_value,
    betting_log_e,
    cluster_path,
    decided,
    loss_log_e,
    loss_path,
)

PROOF = math.log(20)


def not_above(errors, trials, target=0.05):
    """Whether a rate is at most three standard errors above its target."""
    return binomtest(int(errors), int(trials), target, alternative="greater").pvalue > norm.sf(3)


def changes(rng, shape, loss, gain):
    return rng.choice([-1.0, 1.0, 0.0], size=shape, p=[loss, gain, 1 - loss - gain])


def slow_bets(difference, margin, claim, population=None):
    """The same bets, one item after the other."""
    sign = 1 if claim == "held" else -1
    outcomes = [(1 + sign * d) / 2 for d in difference]
    m = (1 - sign * margin) / 2
    mean, variance, squares, wealth, path = 0.5, 0.25, 0.25, 1.0, []
    for i, x in enumerate(outcomes):
        null = m if population is None else (population * m - sum(outcomes[:i])) / (population - i)
        stake = 0.0
        if 0 < null < 1:
            edge = mean - null
            stake = min(max(edge / (variance + edge**2), 0.0), 0.5 / null)
        wealth *= 1 + stake * (x - null)
        if population is not None and sum(outcomes[: i + 1]) > population * m + 1e-6:
            wealth = math.inf
        path.append(wealth)
        mean = (0.5 + sum(outcomes[: i + 1])) / (2 + i)
        squares += (x - mean) ** 2
        variance = squares / (2 + i)
    return path


differences = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("lost", "gained", "e"),
    [
        (0, 0, 1.0),
        (1, 0, 1.5),
        (0, 1, 0.5),
        (6, 0, 18.142857),
        (7, 0, 31.875),
        (10, 2, 9.440559),
        (15, 3, 33.741486),
        (20, 10, 2.224093),
    ],
)
def test_evidence_of_a_loss_matches_worked_values(lost, gained, e):
    assert float(np.exp(loss_log_e(lost, gained))) == pytest.approx(e, abs=6e-7)


@given(st.integers(0, 80), st.integers(0, 80))
@settings(max_examples=60, deadline=None)
def test_evidence_of_a_loss_is_the_average_over_all_unfair_coins(lost, gained):
    def ratio(p):
        return 2 * math.exp(lost * math.log(2 * p) + gained * math.log(2 * (1 - p)))

    top = min(max(lost / max(lost + gained, 1), 0.5), 1 - 1e-9)
    mean = quad(ratio, 0.5, top, limit=200)[0] + quad(ratio, top, 1 - 1e-16, limit=200)[0]
    assert float(np.exp(loss_log_e(lost, gained))) == pytest.approx(mean, rel=1e-7)


def test_without_gains_the_evidence_has_a_closed_form():
    lost = np.arange(50)
    expected = np.log((2.0 ** (lost + 1) - 1) / (lost + 1))
    np.testing.assert_allclose(loss_log_e(lost, 0), expected, atol=1e-12)


def test_a_million_changed_items_overflow_nothing():
    million = 10**6
    closed = (million + 1) * math.log(2) - math.log(million + 1)
    assert float(loss_log_e(million, 0)) == pytest.approx(closed, rel=1e-14)
    assert float(loss_log_e(0, million)) == pytest.approx(-math.log(million + 1))
    log_e = loss_log_e(np.arange(0, million, 9_999), np.arange(million, 0, -9_999)[:101])
    assert np.isfinite(log_e).all()
    assert (np.diff(log_e) > 0).all()  # also where the far series hands over


def test_far_series_agrees_with_exact_sums():
    for lost, gained in ((3, 2_000), (400, 2_400)):
        total = sum(math.comb(lost + gained + 1, j) for j in range(lost + 1))
        exact = math.log(total) - math.log((lost + gained + 1) * math.comb(lost + gained, lost))
        assert float(loss_log_e(lost, gained)) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("n", [1, 50, 400])
def test_without_a_true_loss_the_evidence_is_one_on_average(n):
    """Exactly one for a fair coin; less where gains are the likelier."""
    lost = np.arange(n + 1)
    e = loss_log_e(lost, n - lost)
    for share, expected in ((0.5, 1.0), (0.45, None)):
        mean = np.exp(binom.logpmf(lost, n, share) + e).sum()
        assert mean <= 1 + 1e-9
        assert expected is None or mean == pytest.approx(expected, abs=1e-9)


def test_counts_below_zero_are_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        loss_log_e(-1, 2)


@given(differences)
def test_evidence_of_a_loss_after_each_item_is_that_of_the_counts_so_far(difference):
    path = loss_path(np.array(difference))
    for i in range(len(difference)):
        lost, gained = (sum(s * d > 0 for d in difference[: i + 1]) for s in (-1, 1))
        assert path[i] == pytest.approx(float(loss_log_e(lost, gained)), abs=1e-13)


def test_a_held_benchmark_without_any_change_is_proved_at_item_308():
    log_e = betting_log_e(np.zeros(400), margin=0.02)
    assert int(np.argmax(log_e >= PROOF)) + 1 == 308


@pytest.mark.parametrize("claim", ["held", "forgot"])
@pytest.mark.parametrize("margin", [0.0, 0.02, 0.3])
@given(difference=differences)
@settings(max_examples=40, deadline=None)
def test_bets_equal_those_of_a_literal_loop(difference, margin, claim):
    log_e = betting_log_e(np.array(difference), margin=margin, claim=claim)
    np.testing.assert_allclose(np.exp(log_e), slow_bets(difference, margin, claim), rtol=1e-10)


@pytest.mark.parametrize("claim", ["held", "forgot"])
@given(difference=differences, unseen=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_bets_on_a_finite_benchmark_equal_those_of_a_literal_loop(difference, unseen, claim):
    size = len(difference) + unseen
    log_e = betting_log_e(np.array(difference), margin=0.02, claim=claim, population=size)
    expected = slow_bets(difference, 0.02, claim, size)
    np.testing.assert_allclose(np.exp(log_e), expected, rtol=1e-9)


@given(differences, st.lists(st.integers(0, 60), max_size=4), st.booleans())
def test_evidence_taken_in_portions_equals_the_whole_path(difference, cuts, is_finite):
    difference_I = np.array(difference)
    size = len(difference) + 5 if is_finite else None
    wager = Wager(margin=0.02, claim="held", population=size)
    for part in np.split(difference_I, sorted(min(c, len(difference)) for c in cuts)):
        wager = wager.update(part)
    path = betting_log_e(difference_I, margin=0.02, population=size)
    assert wager.n == len(difference)
    assert wager.log_e == path[-1]  # to the last bit
    assert wager.p_value == pytest.approx(float(anytime_p_value(path)[-1]), rel=1e-15)


def test_several_paths_at_once_equal_each_alone():
    path_RI = changes(np.random.default_rng(3), (4, 200), 0.1, 0.1)
    together = betting_log_e(path_RI, margin=0.05)
    for alone, one in zip(path_RI, together, strict=True):
        np.testing.assert_array_equal(betting_log_e(alone, margin=0.05), one)


@given(differences)
def test_no_loss_and_no_gain_are_mirror_images(difference):
    difference_I = np.array(difference)
    np.testing.assert_allclose(
        betting_log_e(difference_I, margin=0.0, claim="held"),
        betting_log_e(-difference_I, margin=0.0, claim="forgot"),
    )


def test_a_bet_never_loses_more_than_half_its_money_on_one_item():
    falling = betting_log_e(np.r_[np.ones(50), -np.ones(50)], margin=0.02)
    assert np.diff(falling).min() >= -math.log(2) - 1e-12


def test_a_full_run_says_for_certain_what_it_shows():
    rng = np.random.default_rng(11)
    for _ in range(200):
        difference_I = changes(rng, 100, 0.1, 0.1)
        net = round(difference_I.sum())
        held = betting_log_e(difference_I, margin=0.02, population=100)
        forgot = betting_log_e(difference_I, margin=0.02, claim="forgot", population=100)
        assert (held[-1] == math.inf) == (net > -2)  # equality counts against both claims
        assert (forgot[-1] == math.inf) == (net < -2)


def test_certainty_comes_as_soon_as_the_rest_cannot_change_the_outcome():
    """Of 10 items all lost so far, the rest all gained: after 6 the mean is below zero anyway."""
    forgot = betting_log_e(-np.ones(10), margin=0.0, claim="forgot", population=10)
    assert np.isfinite(forgot[:5]).all()
    assert np.isinf(forgot[5:]).all()
    held = betting_log_e(-np.ones(10), margin=0.0, claim="held", population=10)
    assert np.isfinite(held).all()


def test_what_cannot_be_bet_on_is_refused():
    with pytest.raises(ValueError, match=r"in \[-1, 1\]"):
        betting_log_e(np.array([0.0, 1.5]), margin=0.02)
    with pytest.raises(ValueError, match=r"in \[-1, 1\]"):
        betting_log_e(np.array([math.nan]), margin=0.02)
    with pytest.raises(ValueError, match="margin must be"):
        betting_log_e(np.zeros(3), margin=1.0)
    with pytest.raises(ValueError, match="the claim is"):
        betting_log_e(np.zeros(3), margin=0.02, claim="lost")
    with pytest.raises(ValueError, match="4 items of a benchmark of 3"):
        betting_log_e(np.zeros(4), margin=0.02, population=3)


def test_a_wager_follows_one_path_only():
    with pytest.raises(ValueError, match="one path"):
        Wager(margin=0.02, claim="held").update(np.zeros((2, 3)))


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
def test_a_million_items_overflow_no_bet(value):
    for claim in ("held", "forgot"):
        log_e = betting_log_e(np.full(10**6, value), margin=0.02, claim=claim)
        assert np.isfinite(log_e).all()
    assert betting_log_e(np.ones(10**6), margin=0.02)[-1] > 10**5


def test_no_item_is_no_evidence():
    wager = Wager(margin=0.02, claim="held")
    assert wager.update(np.array([])) == wager
    assert wager.p_value == 1.0
    assert betting_log_e(np.array([]), margin=0.02).shape == (0,)
    assert loss_path(np.array([])).shape == (0,)


def test_p_values_only_fall_and_start_at_one_at_most():
    p = anytime_p_value(np.log([0.5, 2.0, 1.0, 40.0, 10.0]))
    np.testing.assert_allclose(p, [1.0, 0.5, 0.5, 0.025, 0.025])


def test_more_domains_ask_for_more_evidence_of_each():
    log_e = np.log([19.9, 20.0, 60.0])
    assert decided(log_e[:1], alpha=0.05).tolist() == [False]
    assert decided(log_e[1:2] + 1e-12, alpha=0.05).tolist() == [True]
    assert decided(log_e + 1e-12, alpha=0.05).tolist() == [False, False, True]


def test_clusters_come_in_order_of_appearance_and_equal_ones_give_their_means():
    difference_I = np.array([-1.0, 0.0, 1.0, 0.0, -1.0, -1.0])
    path = cluster_path(difference_I, np.array([7, 2, 7, 2, 5, 5]), margin=0.02)
    np.testing.assert_allclose(path, [0.0, 0.0, -1.0], atol=1e-15)


def test_clusters_of_one_are_the_items():
    difference_I = changes(np.random.default_rng(0), 50, 0.3, 0.3)
    path = cluster_path(difference_I, np.arange(50)[::-1], margin=0.02)
    np.testing.assert_allclose(path, difference_I, atol=1e-15)


@given(differences, st.data())
def test_unequal_clusters_stand_where_their_items_stand_to_the_margin(difference, data):
    """The mean over clusters is above -margin exactly if the mean over items is."""
    labels = st.lists(st.integers(0, 5), min_size=len(difference), max_size=len(difference))
    cluster_I = np.array(data.draw(labels))
    difference_I = np.array(difference)
    path = cluster_path(difference_I, cluster_I, margin=0.1)
    widest = np.bincount(cluster_I).max()
    assert np.abs(path).max() <= 1.0
    excess = (difference_I + 0.1).sum()
    assert (path + 0.1).sum() * widest == pytest.approx(excess, abs=1e-9)


def test_a_part_of_the_clusters_gives_a_part_of_the_path():
    difference_I = changes(np.random.default_rng(5), 90, 0.2, 0.1)
    cluster_I = np.sort(np.random.default_rng(6).integers(0, 20, 90))
    whole = cluster_path(difference_I, cluster_I, margin=0.02, largest=12)
    seen = cluster_I <= cluster_I[45]
    part = cluster_path(difference_I[seen], cluster_I[seen], margin=0.02, largest=12)
    np.testing.assert_array_equal(part, whole[: len(part)])
    with pytest.raises(ValueError, match="more than the largest of 1"):
        cluster_path(difference_I, cluster_I, margin=0.02, largest=1)


def ever(make_log_e, paths, portion=200):
    """Number of paths of evidence that ever reach 20."""
    proofs = 0
    for done in range(0, paths, portion):
        proofs += int((make_log_e(done, portion).max(axis=-1) >= PROOF).sum())
    return proofs


def loss_without_change(seed, paths, n=5_000):
    rng = np.random.default_rng([17, seed])
    return loss_path(changes(rng, (paths, n), 0.05, 0.05))


def held_at_the_margin(seed, paths, n=5_000):
    rng = np.random.default_rng([18, seed])
    return betting_log_e(changes(rng, (paths, n), 0.06, 0.04), margin=0.02)


def forgot_at_the_margin(seed, paths, n=5_000):
    rng = np.random.default_rng([19, seed])
    return betting_log_e(changes(rng, (paths, n), 0.06, 0.04), margin=0.02, claim="forgot")


def unequal_clusters(seed, shape):
    """Clusters of 1 or 8 items that move together and lose 2 points of the items: shift, size."""
    rng = np.random.default_rng([20, seed])
    return changes(rng, shape, 0.06, 0.04), rng.choice([1, 8], size=shape)


def held_in_unequal_clusters(seed, paths, n=1_000):
    mean_RG, size_RG = unequal_clusters(seed, (paths, n))
    # what `cluster_path` gives for clusters whose items all move alike
    one = np.array([0, *[1] * 8])
    for move in (-1.0, 0.0, 1.0):
        small, _ = cluster_path(np.full(9, move), one, margin=0.02)
        mean_RG = np.where((size_RG == 1) & (mean_RG == move), small, mean_RG)
    return betting_log_e(mean_RG, margin=0.02)


def test_sums_of_unequal_clusters_alone_would_prove_held_falsely():
    mean_RG, size_RG = unequal_clusters(0, (200, 5_000))
    log_e = betting_log_e(mean_RG * size_RG / 8, margin=0.02)
    assert (log_e.max(axis=-1) >= PROOF).mean() > 0.3


NULLS = [
    loss_without_change,
    held_at_the_margin,
    forgot_at_the_margin,
    held_in_unequal_clusters,
]


@pytest.mark.parametrize("null", NULLS)
def test_paths_of_evidence_seldom_ever_prove_what_is_false(null):
    assert not_above(ever(null, 400), 400)


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS)
def test_long_run_paths_of_evidence_seldom_ever_prove_what_is_false(null):
    assert not_above(ever(null, 10_000), 10_000)


def test_peeking_at_a_plain_test_every_100_items_is_wrong_one_time_in_five():
    rng = np.random.default_rng(21)
    alarms = 0
    for _ in range(5):
        total = changes(rng, (200, 5_000), 0.05, 0.05).reshape(200, 50, 100).sum(axis=-1)
        seen = 100 * np.arange(1, 51)
        z = total.cumsum(axis=-1) / np.sqrt(0.1 * seen)
        alarms += int((z <= norm.ppf(0.05)).any(axis=-1).sum())
    assert 0.16 <= alarms / 1_000 <= 0.30


def test_a_true_claim_is_proved_at_about_the_fixed_number_of_items():
    """1,546 items prove a margin of 2 points at 10 % discordance with power 0.8."""
    log_e = betting_log_e(changes(np.random.default_rng(22), (300, 6_000), 0.05, 0.05), margin=0.02)
    proved = (log_e >= PROOF).any(axis=-1)
    stop = np.where(proved, np.argmax(log_e >= PROOF, axis=-1), 6_000)
    assert proved.mean() > 0.9
    assert 0.6 * 1_546 <= np.median(stop) <= 1.6 * 1_546
