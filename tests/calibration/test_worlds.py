"""Are the worlds what they say? A test of claims is worth what its truth is worth."""

import math

import numpy as np
import pytest
from simulate.anytime import peeked
from simulate.guessing import guessed
from simulate.intervals import graded, of_counts
from simulate.noise import noise_of, rooted, wandering
from simulate.outcome import at_least, at_most, covered, near, planned, shown, stream
from simulate.worlds import Drift, answers, binary_differences, profiles


@pytest.mark.parametrize("is_walk", [False, True])
@pytest.mark.parametrize("size", [1, 8])
def test_the_last_checkpoint_differs_on_the_stated_share_and_lost_the_stated_share(is_walk, size):
    drift = Drift(n=80_000, discordance=0.1, size=size, is_walk=is_walk, loss=0.03)
    value_TDI = answers(np.random.default_rng(1), drift, n_domains=1, n_checkpoints=6)
    change_I = value_TDI[-1, 0] - value_TDI[0, 0]
    assert np.abs(change_I).mean() == pytest.approx(0.1, abs=0.01)
    assert change_I.mean() == pytest.approx(-0.03, abs=0.01)


def test_checkpoints_of_a_walk_resemble_their_neighbours_and_others_only_the_base():
    rng = np.random.default_rng(2)
    apart = {}
    for is_walk in (False, True):
        drift = Drift(n=20_000, discordance=0.2, is_walk=is_walk)
        value_TI = answers(rng, drift, n_domains=1, n_checkpoints=10)[:, 0]
        apart[is_walk] = np.abs(np.diff(value_TI, axis=0)).mean(axis=1)
    assert apart[True][-1] < 0.04
    assert apart[False][-1] == pytest.approx(2 * 0.2 * 0.8, abs=0.02)


def test_the_net_change_of_items_drawn_at_random_varies_as_mcnemar_assumes():
    rng, drift = np.random.default_rng(3), Drift(n=200, discordance=0.2)
    change_R = [
        (value_TDI[1] - value_TDI[0]).mean()
        for value_TDI in (answers(rng, drift, n_domains=1, n_checkpoints=1) for _ in range(2_000))
    ]
    assert np.var(change_R) == pytest.approx(0.2 / 200, rel=0.12)


def test_items_of_a_cluster_move_together():
    difference_RGS = binary_differences(np.random.default_rng(4), (1, 20_000), 0.1, 0.1, 8)
    sum_G = difference_RGS[0].sum(axis=1)
    # a quarter of the pairs of a cluster share their draw: 1 + 7 / 4 times the variance
    assert sum_G.var() == pytest.approx(8 * 0.2 * (1 + 7 / 4), rel=0.05)


def test_whole_records_carry_the_answers_their_clusters_and_their_steps():
    value_TDI = answers(
        np.random.default_rng(5), Drift(n=20, discordance=0.1, size=8), n_domains=2, n_checkpoints=3
    )
    series = profiles(value_TDI, size=8)
    assert [profile.step for profile in series] == [0, 100, 200, 300]
    for profile, value_DI in zip(series, value_TDI, strict=True):
        for column, value_I in zip(profile.columns, value_DI, strict=True):
            np.testing.assert_array_equal(column.value_I, value_I)
            assert len(set(column.clusters)) == 3
    first, second = series[0].columns
    assert not set(first.clusters) & set(second.clusters)


def test_guessers_lose_what_they_are_said_to_lose():
    before_I, after_I, same_I = guessed(np.random.default_rng(6), options=4, copying=1.0, lost=0.1)
    known = 0.5 + 0.5 / 4
    assert before_I.mean() == pytest.approx(known, abs=0.04)
    assert (before_I - after_I).mean() == pytest.approx(0.1 * 3 / 4, abs=0.03)
    wrong_I = (before_I == 0) & (after_I == 0)
    assert same_I[wrong_I].all()


def test_graded_scores_move_down_three_times_in_five():
    before_I, after_I = graded(np.random.default_rng(7), 60_000, 1)
    assert before_I.mean() == pytest.approx(0.5, abs=0.01)
    assert (after_I - before_I).mean() == pytest.approx(-0.15 * 0.2 / 4, abs=0.002)


def test_counts_become_scores_with_those_transitions():
    before_I, after_I, cluster_I = of_counts(3, 2, 10)
    assert (before_I > after_I).sum() == 3
    assert (before_I < after_I).sum() == 2
    assert len(set(cluster_I.tolist())) == 10


def test_a_wandering_ability_is_seen_beyond_the_noise_of_items():
    rng = np.random.default_rng(8)
    calm, restless = (
        np.mean(
            [noise_of(wandering(rng, n=1_000, n_checkpoints=8, sigma=sigma)[1:]) for _ in range(50)]
        )
        for sigma in (0.0, 0.03)
    )
    assert calm < 0.005
    assert restless == pytest.approx(0.03, rel=0.2)


def test_the_mean_of_rooted_estimates_is_the_root_of_the_mean_square():
    assert rooted(np.array([0.0, 2.0])).mean() == pytest.approx(math.sqrt(2))


def test_whoever_looks_often_enough_sees_a_loss():
    fair_RI = np.where(np.random.default_rng(9).random((300, 5_000)) < 0.5, 1.0, -1.0)
    assert 0.15 < peeked(fair_RI).mean() < 0.4
    assert not peeked(np.ones((1, 500))).any()


def test_equal_settings_have_equal_streams_and_others_have_others():
    first, again, other = stream(0, "a", 1), stream(0, "a", 1), stream(0, "a", 2)
    draw = first.random()
    assert draw == again.random()
    assert draw != other.random()


def test_a_rate_fails_beyond_three_standard_errors_of_its_target():
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1_000)
    assert at_most("", "", 1_000 * limit - 1, 1_000).status == "pass"
    assert at_most("", "", 1_000 * limit + 1, 1_000).is_failure
    assert at_least("", "", 700, 1_000, 0.8).is_failure
    assert at_least("", "", 790, 1_000, 0.8).status == "pass"


def test_a_rare_error_may_occur_once_and_one_that_must_not_occur_may_not():
    assert at_most("", "", 1, 400, 0.05 / 80).status == "pass"
    assert at_most("", "", 8, 400, 0.05 / 80).is_failure
    assert at_most("", "", 0, 400, 0.0).status == "pass"
    assert at_most("", "", 1, 400, 0.0).is_failure


def test_intervals_and_plans_may_be_cautious_but_not_bold():
    assert [covered("", "", hits, 10_000, 0.95).status for hits in (9_200, 9_500, 9_900)] == [
        "FAIL",
        "pass",
        "cautious",
    ]
    assert [planned("", "", hits, 10_000, 0.8).status for hits in (7_000, 8_000, 9_000)] == [
        "FAIL",
        "pass",
        "cautious",
    ]


def test_a_bias_fails_in_either_direction_and_what_is_shown_never_does():
    noise_R = np.tile([-0.001, 0.001], 500)
    assert near("", "", noise_R, 0.0, 0.003).status == "pass"
    assert near("", "", noise_R + 0.01, 0.0, 0.003).is_failure
    assert near("", "", noise_R - 0.01, 0.0, 0.003).is_failure
    assert not shown("", "", noise_R + 1).is_failure
