"""One quantile for claims made side by side."""

import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, studentized_range

from forgetscope.statistics import (
    Residuals,
    clustered_mean,
    each_alpha,
    joint_covariance,
    joint_quantile,
    net_change,
)


def block(rng, *, cluster_G=None, n_cells=3, n_clusters=60):
    cluster_G = np.arange(n_clusters) if cluster_G is None else cluster_G
    common_G1 = rng.normal(size=(len(cluster_G), 1))
    return Residuals(cluster_G, common_G1 + rng.normal(size=(len(cluster_G), n_cells)))


def equicorrelated(n_cells, correlation):
    return np.full((n_cells, n_cells), correlation) + (1.0 - correlation) * np.eye(n_cells)


def test_the_diagonal_is_the_squared_clustered_error():
    rng = np.random.default_rng(0)
    cluster = np.unique(rng.integers(0, 40, size=200), return_inverse=True)[1]
    estimates = [clustered_mean(rng.normal(size=200), cluster) for _ in range(4)]
    residual_GM = np.stack([estimate.residual_G for estimate in estimates], axis=1)
    n_clusters = estimates[0].n_clusters
    covariance = joint_covariance([Residuals(np.arange(n_clusters), residual_GM)])
    assert np.sqrt(np.diag(covariance)) == pytest.approx([e.standard_error for e in estimates])


def slow_covariance(blocks):
    """Cell by cell and cluster by cluster."""
    cells = [
        (len(b.cluster_G), dict(zip(b.cluster_G.tolist(), column, strict=True)))
        for b in blocks
        for column in b.residual_GM.T
    ]
    return np.array(
        [
            [
                math.sqrt(n / (n - 1) * m / (m - 1))
                * sum(value * other.get(g, 0.0) for g, value in one.items())
                for m, other in cells
            ]
            for n, one in cells
        ]
    )


def test_blocks_move_together_only_through_the_clusters_they_share():
    rng = np.random.default_rng(1)
    blocks = [
        block(rng, cluster_G=np.arange(20)),
        block(rng, cluster_G=rng.permutation(np.arange(10, 45)), n_cells=2),
        block(rng, cluster_G=np.arange(100, 130), n_cells=1),
        block(rng, cluster_G=np.array([3, 110, 12]), n_cells=2),
        block(rng, cluster_G=np.arange(101, 131, 2) + 500, n_cells=1),
    ]
    covariance = joint_covariance(blocks)
    np.testing.assert_allclose(covariance, slow_covariance(blocks), atol=1e-12)
    assert covariance[0, 5] == covariance[5, 8] == 0.0
    assert covariance[0, 3] != 0.0


def test_interleaved_numbers_without_a_common_one_are_independent():
    rng = np.random.default_rng(2)
    even, odd = block(rng, cluster_G=np.arange(0, 40, 2)), block(rng, cluster_G=np.arange(1, 41, 2))
    assert not joint_covariance([even, odd])[:3, 3:].any()


def test_no_block_has_no_cells():
    covariance = joint_covariance([])
    assert covariance.shape == (0, 0)
    assert math.isnan(joint_quantile(covariance, alpha=0.05, seed=0))


def test_a_block_of_a_single_cluster_leaves_the_family():
    rng = np.random.default_rng(3)
    lone, good = block(rng, cluster_G=np.array([7])), block(rng)
    covariance = joint_covariance([lone, good])
    assert np.isnan(covariance[:3, :3]).all()
    without = joint_quantile(joint_covariance([good]), alpha=0.05, seed=0)
    assert joint_quantile(covariance, alpha=0.05, seed=0) == pytest.approx(without, abs=0.05)


def multiplier_bootstrap(residuals, *, alpha, draws, seed):
    """The bootstrap itself: a normal number per cluster."""
    xi_RG = np.random.default_rng(seed).normal(size=(draws, len(residuals.cluster_G)))
    z_RM = xi_RG @ residuals.residual_GM / np.linalg.norm(residuals.residual_GM, axis=0)
    return np.quantile(z_RM.max(axis=1), 1 - alpha)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_quantile_is_that_of_a_literal_multiplier_bootstrap(alpha):
    residuals = block(np.random.default_rng(4), n_cells=8, n_clusters=150)
    literal = multiplier_bootstrap(residuals, alpha=alpha, draws=40_000, seed=5)
    ours = joint_quantile(joint_covariance([residuals]), alpha=alpha, seed=6, draws=40_000)
    assert ours == pytest.approx(literal, abs=0.04)


def test_a_single_claim_takes_the_exact_normal_quantile():
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    contrast = {"plus_K": np.array([0]), "minus_K": np.array([1])}
    for alpha in (0.05, 0.001):
        expected = pytest.approx(norm.isf(alpha), abs=1e-12)
        assert joint_quantile(covariance[:1, :1], alpha=alpha, seed=0) == expected
        assert joint_quantile(covariance, alpha=alpha, seed=0, **contrast) == expected


@pytest.mark.parametrize("n_cells", [2, 20, 300])
def test_independent_claims_take_the_quantile_of_sidak(n_cells):
    sidak = norm.ppf(0.95 ** (1 / n_cells))
    quantile = joint_quantile(np.eye(n_cells), alpha=0.05, seed=0, draws=40_000)
    assert quantile == pytest.approx(sidak, abs=0.03)


def test_published_critical_values_of_comparisons_with_one_base():
    """Dunnett's one-sided 5 % points without estimated variance: 4 and 9 treatments."""
    for n_treatments, expected in ((4, 2.16), (9, 2.42)):
        quantile = joint_quantile(
            equicorrelated(n_treatments, 0.5), alpha=0.05, seed=0, draws=60_000
        )
        assert quantile == pytest.approx(expected, abs=0.025)


def test_copies_of_a_claim_cost_next_to_nothing():
    quantile = joint_quantile(np.full((50, 50), 2.0), alpha=0.05, seed=0)
    assert norm.isf(0.05) <= quantile == pytest.approx(norm.isf(0.05), abs=0.04)


def test_contrasts_are_the_cells_of_the_differences():
    rng = np.random.default_rng(7)
    residuals = block(rng, n_cells=6)
    plus, minus = np.array([0, 1, 5, 2]), np.array([1, 4, 0, 3])
    differences = Residuals(
        residuals.cluster_G, residuals.residual_GM[:, plus] - residuals.residual_GM[:, minus]
    )
    ours = joint_quantile(
        joint_covariance([residuals]),
        alpha=0.05,
        seed=1,
        plus_K=plus,
        minus_K=minus,
        draws=40_000,
    )
    direct = joint_quantile(joint_covariance([differences]), alpha=0.05, seed=2, draws=40_000)
    assert ours == pytest.approx(direct, abs=0.03)


def test_a_contrast_of_equal_cells_is_left_out():
    covariance = np.array([[1.0, 1.0, 0.2], [1.0, 1.0, 0.2], [0.2, 0.2, 3.0]])
    both = joint_quantile(
        covariance, alpha=0.05, seed=0, plus_K=np.array([0, 0]), minus_K=np.array([1, 2])
    )
    assert both == pytest.approx(norm.isf(0.05), abs=1e-12)
    nothing = joint_quantile(
        covariance, alpha=0.05, seed=0, plus_K=np.array([0]), minus_K=np.array([1])
    )
    assert math.isnan(nothing)


def test_all_ordered_pairs_of_checkpoints_against_each_other_give_the_studentised_range():
    """The largest of all differences over its error is range / sqrt(2)."""
    place = np.arange(5)
    plus, minus = (grid.ravel() for grid in np.meshgrid(place, place))
    quantile = joint_quantile(
        np.eye(5), alpha=0.05, seed=0, plus_K=plus, minus_K=minus, draws=40_000
    )
    expected = studentized_range.ppf(0.95, 5, 1e5) / math.sqrt(2)
    assert quantile == pytest.approx(expected, abs=0.03)


@given(st.integers(0, 10_000), st.integers(2, 6))
@settings(max_examples=25, deadline=None)
def test_the_quantile_lies_between_one_claim_and_bonferroni(seed, n_cells):
    covariance = joint_covariance([block(np.random.default_rng(seed), n_cells=n_cells)])
    quantile = joint_quantile(covariance, alpha=0.05, seed=seed)
    assert norm.isf(0.05) <= quantile <= norm.isf(0.05 / n_cells) + 0.06


@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
@settings(max_examples=25, deadline=None)
def test_units_and_order_of_the_cells_do_not_matter(seed, unit):
    rng = np.random.default_rng(seed)
    covariance = joint_covariance([block(rng, n_cells=5)])
    quantile = joint_quantile(covariance, alpha=0.05, seed=1)
    order = rng.permutation(5)
    shuffled = joint_quantile(unit * covariance[np.ix_(order, order)], alpha=0.05, seed=1)
    assert shuffled == pytest.approx(quantile, abs=0.08)


def test_a_cell_of_a_much_smaller_unit_is_still_judged():
    """Shares beside bits: one eigenvalue must not drown the other."""
    scale = np.diag([1e-5, 1e5])
    quantile = joint_quantile(scale @ np.eye(2) @ scale, alpha=0.05, seed=0, draws=40_000)
    assert quantile == pytest.approx(norm.ppf(math.sqrt(0.95)), abs=0.03)


def test_the_same_seed_gives_the_same_quantile():
    covariance = equicorrelated(10, 0.3)
    one, same, other = (joint_quantile(covariance, alpha=0.05, seed=s) for s in (1, 1, 2))
    assert one == same != other


def test_a_large_family_is_quick_and_small():
    rng = np.random.default_rng(8)
    blocks = [
        Residuals(np.arange(2_000) + 1_900 * j, rng.normal(size=(2_000, 20))) for j in range(50)
    ]
    tracemalloc.start()
    begin = time.process_time()
    quantile = joint_quantile(joint_covariance(blocks), alpha=0.05, seed=0)
    seconds = time.process_time() - begin
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert quantile == pytest.approx(norm.ppf(0.95**1e-3), abs=0.08)
    assert seconds < 20.0  # generous: the machine may be busy
    assert peak < 300e6


def test_the_level_of_a_claim_belongs_to_its_quantile():
    assert each_alpha(norm.isf(0.003)) == pytest.approx(0.003)
    assert math.isnan(each_alpha(math.nan))


def family_errors(*, trials, n, discordance, n_checkpoints, seed):
    """How many series without change claim any loss, at the level each claim gets.

    Checkpoints share items: an item that changes at one often does at the next.
    """
    rng = np.random.default_rng(seed)
    wrong = 0
    for trial in range(trials):
        base_I = (rng.random(n) < 0.6).astype(float)
        fickle_I = rng.random(n) < 2 * discordance
        redraw_TI = fickle_I & (rng.random((n_checkpoints, n)) < 0.5)
        # an item that is redrawn changes sides; as many of either kind on average
        up_I = rng.random(n) < 0.5
        base_I = np.where(fickle_I, up_I.astype(float), base_I)
        after_TI = np.where(redraw_TI, 1.0 - base_I, base_I)
        changes = [net_change(base_I, after_I, np.arange(n)) for after_I in after_TI]
        residual_GM = np.stack([change.estimate.residual_G for change in changes], axis=1)
        covariance = joint_covariance([Residuals(np.arange(n), residual_GM)])
        level = each_alpha(joint_quantile(covariance, alpha=0.05, seed=trial, draws=4_000))
        wrong += any(change.interval(level).high < 0 for change in changes)
    return wrong


def test_a_series_without_change_seldom_claims_a_loss():
    wrong = family_errors(trials=150, n=300, discordance=0.1, n_checkpoints=8, seed=9)
    assert binomtest(wrong, 150, 0.05, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize(("n", "discordance"), [(100, 0.1), (200, 0.02), (200, 0.2), (1319, 0.1)])
def test_the_family_claims_a_false_loss_at_most_at_the_level(n, discordance):
    wrong = family_errors(trials=1_000, n=n, discordance=discordance, n_checkpoints=20, seed=n)
    assert binomtest(wrong, 1_000, 0.055, alternative="greater").pvalue > 0.001
