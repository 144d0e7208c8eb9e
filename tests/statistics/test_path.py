"""The way of one score through a series of checkpoints."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.statistics import (
    Drop,
    Recovery,
    Residuals,
    clustered_mean,
    joint_covariance,
    joint_quantile,
    onset,
    recovery,
    trend,
    worst_drop,
)

NAN = math.nan


def measured(score_TI):
    """Means of the checkpoints and the covariance of their errors, items apart."""
    n = score_TI.shape[1]
    estimates = [clustered_mean(score_I, np.arange(n)) for score_I in score_TI]
    residual_GM = np.stack([estimate.residual_G for estimate in estimates], axis=1)
    covariance = joint_covariance([Residuals(np.arange(n), residual_GM)])
    return np.array([estimate.mean for estimate in estimates]), covariance


def against_last(covariance, *, alpha=0.05, seed=0):
    earlier = np.arange(len(covariance) - 1)
    last = np.full(len(earlier), len(earlier))
    return joint_quantile(
        covariance, alpha=alpha, seed=seed, plus_K=earlier, minus_K=last, draws=2_000
    )


def all_pairs(covariance, *, alpha=0.05, seed=0):
    early, late = np.triu_indices(len(covariance), 1)
    return joint_quantile(covariance, alpha=alpha, seed=seed, plus_K=late, minus_K=early)


def test_worst_drop_by_hand():
    """Falls 0.2, 0.3 and 0.1; standard errors 0.1, 0.2 and 0.05; at quantile 2."""
    covariance = np.diag([0.01, 0.04, 0.0025, 0.0])
    drop = worst_drop(np.array([0.7, 0.8, 0.6, 0.5]), covariance, quantile=2.0)
    assert drop.low == pytest.approx(0.0)
    assert drop.naive == pytest.approx(0.3)
    drop = worst_drop(np.array([0.7, 0.8, 0.65, 0.5]), covariance, quantile=2.0)
    assert (drop.place, drop.drop, drop.low) == (2, pytest.approx(0.15), pytest.approx(0.05))


def test_errors_that_move_together_cancel():
    covariance = np.full((3, 3), 1.0) + np.diag([0.0, 0.0, 0.0004])
    drop = worst_drop(np.array([0.5, 0.6, 0.5]), covariance, quantile=2.0)
    assert drop.low == pytest.approx(0.1 - 2 * 0.02)


def test_changes_from_the_base_tell_the_same_as_scores():
    rng = np.random.default_rng(0)
    score = (rng.random((5, 200)) < np.array([[0.6], [0.7], [0.7], [0.5], [0.4]])).astype(float)
    by_score = worst_drop(*measured(score), quantile=2.3)
    by_change = worst_drop(*measured(score - score[0]), quantile=2.3)
    assert by_change.place == by_score.place
    assert by_change.low == pytest.approx(by_score.low)
    assert by_change.naive == pytest.approx(by_score.naive)


def test_a_series_that_ends_at_its_best_has_no_drop():
    score = (np.random.default_rng(1).random((3, 300)) < [[0.2], [0.4], [0.9]]).astype(float)
    drop = worst_drop(*measured(score), quantile=2.0)
    assert drop.naive < 0.0
    assert drop.low < drop.drop < 0.0


def test_checkpoints_that_are_the_same_have_dropped_by_nothing():
    score = np.tile((np.arange(50) % 3 == 0).astype(float), (4, 1))
    drop = worst_drop(*measured(score), quantile=NAN)
    assert drop == Drop(place=0, drop=0.0, low=0.0, naive=0.0)


def test_a_fall_that_shows_no_spread_is_no_proof():
    drop = worst_drop(np.array([1.0, 0.0]), np.zeros((2, 2)), quantile=2.0)
    assert (drop.drop, drop.low) == (1.0, 0.0)


def test_an_unknown_error_bounds_nothing():
    drop = worst_drop(np.array([0.9, 0.5, 0.1]), np.full((3, 3), NAN), quantile=2.0)
    assert (drop.place, drop.drop) == (0, pytest.approx(0.8))
    assert math.isnan(drop.low)


@pytest.mark.parametrize("n_checkpoints", [0, 1])
def test_a_single_checkpoint_cannot_drop(n_checkpoints):
    with pytest.raises(ValueError, match="two checkpoints"):
        worst_drop(np.zeros(n_checkpoints), np.zeros((n_checkpoints, n_checkpoints)), quantile=2.0)


@pytest.mark.parametrize(
    ("high", "place"),
    [
        ([0.1, -0.1, 0.1, -0.1, -0.2], 3),
        ([-0.1, -0.1], 0),
        ([-0.1, 0.0], None),
    ],
)
def test_a_loss_begins_where_it_is_proved_from_then_on(high, place):
    assert onset(np.array(high)) == place


def slow_onset(high):
    places = [t for t in range(len(high)) if all(h < 0 for h in high[t:])]
    return places[0] if places else None


@given(st.lists(st.sampled_from([-0.2, -0.1, 0.0, 0.1, NAN]), max_size=8))
@settings(deadline=None)
def test_onset_is_the_first_place_of_its_definition(high):
    assert onset(np.array(high)) == slow_onset(high)


def separate(*errors):
    return np.diag(np.square(errors))


def test_recovery_by_hand():
    """From the trough 0.4 the rises are 0.1 and 0.2; the error is 0.05, the quantile 2.5."""
    errors = separate(*[0.05 / math.sqrt(2)] * 5)
    path = np.array([0.7, 0.6, 0.4, 0.5, 0.6])
    assert recovery(path, errors, quantile=2.5) == Recovery(trough=2, place=4)
    assert recovery(path, errors, quantile=1.9) == Recovery(trough=2, place=3)
    assert recovery(path, errors, quantile=4.1) is None


def test_a_gain_over_the_base_is_no_recovery():
    errors = separate(0.01, 0.01, 0.01, 0.01)
    assert recovery(np.array([0.5, 0.6, 0.7, 0.9]), errors, quantile=2.0) is None


def test_a_dip_that_came_back_counts_though_a_deeper_one_ends_the_series():
    errors = separate(*[0.01] * 5)
    path = np.array([0.7, 0.4, 0.7, 0.6, 0.1])
    assert recovery(path, errors, quantile=2.0) == Recovery(trough=1, place=2)


def test_series_too_short_to_recover():
    for n in range(3):
        path = np.linspace(0.5, 0.4, n)
        assert recovery(path, separate(*[0.01] * n), quantile=2.0) is None


def test_a_rise_without_spread_is_no_proof():
    assert recovery(np.array([1.0, 0.0, 1.0]), np.zeros((3, 3)), quantile=2.0) is None


def test_the_trend_is_the_slope_of_a_regression_on_log_steps():
    rng = np.random.default_rng(2)
    step = np.array([0.0, 100.0, 1_000.0, 5_000.0])
    score = rng.random((4, 60))
    slope = sm.OLS(score.mean(axis=1), sm.add_constant(np.log(step + 1))).fit().params[1]
    assert trend(score, step, np.arange(60)).mean == pytest.approx(slope)


def test_the_error_of_the_trend_is_that_of_clustered_items():
    """A regression on every answer, with the items as clusters, has the same error.

    Its correction counts answers and coefficients; items are few here against neither.
    """
    rng = np.random.default_rng(3)
    step, n = np.array([0.0, 10.0, 100.0, 1_000.0, 10_000.0]), 400
    score = rng.random((5, n)) - 0.01 * np.log1p(step)[:, None] * rng.random(n)
    x = np.repeat(np.log1p(step), n)
    fit = sm.OLS(score.ravel(), sm.add_constant(x)).fit(
        cov_type="cluster", cov_kwds={"groups": np.tile(np.arange(n), 5)}
    )
    ours = trend(score, step, np.arange(n))
    assert ours.standard_error == pytest.approx(fit.bse[1], rel=1e-3)


def test_a_score_that_falls_with_every_decade_has_that_slope():
    step = np.array([0.0, 9.0, 99.0, 999.0])
    score = np.array([[0.9], [0.8], [0.7], [0.6]]) + np.linspace(-0.05, 0.05, 20)
    slope = trend(score, step, np.arange(20))
    assert slope.mean == pytest.approx(-0.1 / math.log(10))
    assert slope.standard_error == 0.0


@pytest.mark.parametrize(
    "step",
    [[0.0, 10.0], [5.0, 5.0, 5.0], [0.0, NAN, 10.0], [0.0, 10.0, math.inf], [-1.0, 1.0, 2.0]],
)
def test_without_three_known_steps_there_is_no_trend(step):
    score = np.random.default_rng(4).random((len(step), 30))
    assert trend(score, np.array(step), np.arange(30)) is None


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_order_of_the_items_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    score = (rng.random((4, 50)) < 0.5).astype(float)
    order = rng.permutation(50)
    one, other = measured(score), measured(score[:, order])
    drops = [worst_drop(*m, quantile=2.0) for m in (one, other)]
    assert drops[0].low == pytest.approx(drops[1].low)
    step = np.array([0.0, 1.0, 5.0, 9.0])
    slopes = [trend(s, step, np.arange(50)) for s in (score, score[:, order])]
    assert slopes[0].standard_error == pytest.approx(slopes[1].standard_error)


def unchanged(rng, n_checkpoints, n, discordance):
    """Checkpoints of one true score, any two of which differ on a share of the items."""
    fickle_I = rng.random(n) < 2 * discordance
    guess_TI = rng.random((n_checkpoints, n)) < 0.5
    return np.where(fickle_I, guess_TI, rng.random(n) < 0.6).astype(float)


@pytest.mark.parametrize(("n", "n_checkpoints", "expected"), [(500, 10, 0.020), (200, 20, 0.039)])
def test_the_best_checkpoint_minus_the_last_shows_a_drop_that_is_not_there(
    n, n_checkpoints, expected
):
    """The winner's curse: two points, and four, without any change."""
    rng = np.random.default_rng(n)
    naive = [
        worst_drop(
            unchanged(rng, n_checkpoints, n, 0.2).mean(axis=1),
            np.zeros((n_checkpoints, n_checkpoints)),
            quantile=2.0,
        ).naive
        for _ in range(1_000)
    ]
    assert np.mean(naive) == pytest.approx(expected, abs=0.003)


def drawn_path(rng, true_T, n, discordance):
    """Checkpoints with the given true changes from their common score of about 0.6."""
    score_TI = unchanged(rng, len(true_T), n, discordance)
    lost_TI = rng.random(score_TI.shape) < -true_T[:, None] / 0.58
    return np.where(lost_TI, 0.0, score_TI)


def false_proofs(rng, true_T, *, n, discordance, trials):
    """How often the bound lies above the true drop, and how often a recovery is made up."""
    level_T = 0.5 * 2 * discordance + 0.6 * (1 - 2 * discordance)
    real_T = level_T * (1 + true_T / 0.58)
    true_drop = (real_T[:-1] - real_T[-1]).max()
    above = recovered = 0
    for trial in range(trials):
        mean_T, covariance = measured(drawn_path(rng, true_T, n, discordance))
        drop = worst_drop(mean_T, covariance, quantile=against_last(covariance, seed=trial))
        above += drop.low > true_drop
        if trial % 4 == 0:
            quantile = all_pairs(covariance, seed=trial)
            recovered += recovery(mean_T, covariance, quantile=quantile) is not None
    return above, recovered


def test_a_proved_drop_is_seldom_larger_than_the_true_one():
    rng = np.random.default_rng(5)
    above, recovered = false_proofs(rng, np.zeros(6), n=300, discordance=0.2, trials=200)
    assert binomtest(above, 200, 0.055, alternative="greater").pvalue > 0.001
    assert binomtest(recovered, 50, 0.055, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 1319])
@pytest.mark.parametrize("discordance", [0.1, 0.2])
@pytest.mark.parametrize(
    "true_T", [np.zeros(10), np.linspace(0.0, -0.1, 10), np.r_[np.zeros(19), -0.05]]
)
def test_drops_and_recoveries_are_falsely_proved_at_most_at_the_level(n, discordance, true_T):
    rng = np.random.default_rng([n, int(100 * discordance), len(true_T)])
    above, recovered = false_proofs(rng, true_T, n=n, discordance=discordance, trials=1_000)
    # the errors are estimated: a tenth above the level is tolerated
    assert binomtest(above, 1_000, 0.055, alternative="greater").pvalue > 0.001
    assert binomtest(recovered, 250, 0.055, alternative="greater").pvalue > 0.001


def test_a_large_drop_from_a_peak_is_proved():
    rng = np.random.default_rng(6)
    true_T = np.array([-0.2, -0.05, 0.0, -0.05, -0.2])
    mean_T, covariance = measured(drawn_path(rng, true_T, 800, 0.1))
    drop = worst_drop(mean_T, covariance, quantile=against_last(covariance))
    assert drop.place == 2
    assert 0.05 < drop.low < 0.2 < drop.naive + 0.05


def test_a_large_recovery_is_proved_from_the_trough():
    rng = np.random.default_rng(7)
    true_T = np.array([0.0, -0.1, -0.3, -0.2, 0.0])
    mean_T, covariance = measured(drawn_path(rng, true_T, 800, 0.1))
    back = recovery(mean_T, covariance, quantile=all_pairs(covariance))
    assert back in (Recovery(trough=2, place=3), Recovery(trough=2, place=4))
